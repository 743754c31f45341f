internal import Commit
internal import Backups
internal import Basics
internal import Deployment
internal import FileOperations
internal import HostState
internal import Units
internal import Verification

extension Transaction {
  /// Ends a transaction that failed before it touched anything that runs.
  ///
  /// - Returns: the error to throw on. What could not be cleaned up stays in the journal, for the next command.
  func abandon(_ failure: any Error) -> any Error {
    context.interruption.shield()
    var error = failure
    if let signal = (failure as? Interrupted)?.signal {
      error = Refusal(["interrupted by \(signal) before any running service was touched; nothing was changed"])
    }
    do {
      if let interrupted = InterruptedTransaction(try journal.read()) {
        try Stager.clean(files: interrupted.staged, folders: interrupted.folders)
        try BackupStore(path: begin.store).sweep()
      }
    } catch {
      return error
    }
    do {
      _ = try finish(
        Ending(
          outcome: .failed, exit: (error as? any CommandError)?.exitStatus ?? .internalError,
          installed: try InstalledReleases(context.state).record(begin.name), message: "", reason: "\(error)"))
    } catch {
      // The disk is too full to write down that nothing was done; nothing is left to do either.
      try? journal.remove()
    }
    return error
  }

  /// Brings back the state before this transaction and proves it.
  func undo(
    because reason: String, deadline: ContinuousClock.Instant, tell: (CheckResult) -> Void
  ) async throws -> TransactionResult {
    context.interruption.shield()
    lock.enter("undo", within: deadline - .now + RollbackWatchdog.margin)
    recorder.record("go back", .done, since: .now, reason)
    // Twice, as with everything on the way back: a fault that passes must not end it.
    guard let records = try (try? journal.read()) ?? journal.read() as [TransactionJournal.Record]?,
      let interrupted = InterruptedTransaction(records)
    else { throw UnreadableRecord(path: journal.path, why: "it is gone; see 'qtctl status'") }
    let deadline = deadline + interrupted.timeOfUndo
    lock.enter("undo", within: deadline - .now + RollbackWatchdog.margin)
    let undone = Undo(context: context, recorder: recorder, deadline: deadline).run(interrupted, because: reason)
    let failed = "'\(begin.command)' failed: \(reason)\n" + evidenceLine
    if undone.isUnfinished {
      return result(.failed, exit: .unhealthy, message: failed + Self.unfinished(undone))
    }
    guard interrupted.touched != nil else {
      return try finish(
        Ending(
          outcome: .failed, exit: .internalError, installed: installed(undone),
          message: failed + "no running service was touched", reason: reason))
    }
    var healthy = undone.failures.isEmpty
    if let record = undone.record {
      forgetDeadLetters()
      // What is put back is as it was; what was failing then is excused.
      changed = []
      let checks = try await verify(
        VerificationSpec(record, redis: context.redisAddress).limited(by: deadline), tell: tell)
      healthy = healthy && checks.healthy
    }
    let previous = begin.from.map { "release \($0)" } ?? "the previous state"
    let faults = undone.failures.map(\.description) + checks.failures.map(\.sentence)
    let outcome = healthy ? Outcome.undone : .failed
    let exit = healthy ? ExitStatus.rolledBack : .unhealthy
    let message =
      healthy
      ? failed + "Rolled back to \(previous), verified healthy"
      : failed + "\(previous) was restored but is not verified healthy: \(faults.joined(separator: "; "))\n"
        + "see 'qtctl status' and 'qtctl logs'; for another state: 'qtctl backups list', 'qtctl rollback STAMP'"
    do {
      return try finish(
        Ending(outcome: outcome, exit: exit, installed: installed(undone), message: message, reason: reason))
    } catch {
      return result(outcome, exit: exit, message: message + Self.notWritten(error))
    }
  }

  /// What is on the host after an undo: what was before, untouched or put back.
  private func installed(_ undone: Undo.Result) throws -> InstalledRecord? {
    try undone.record.map(\.installed) ?? InstalledReleases(context.state).record(begin.name)
  }

  /// Takes away what a commit that is not undone has left beside the targets.
  func unstage() throws {
    guard let interrupted = InterruptedTransaction(try journal.read()) else { return }
    try Stager.clean(files: interrupted.staged, folders: interrupted.folders)
  }

  static func unfinished(_ undone: Undo.Result) -> String {
    "not everything could be restored: " + undone.failures.map(\.description).joined(separator: "; ")
      + (undone.isLost
        ? "\nrestore an undamaged backup: 'qtctl backups check', then 'qtctl rollback STAMP'"
        : "\nfix the cause, then run 'qtctl recover'")
  }
}
