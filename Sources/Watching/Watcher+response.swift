internal import Backups
internal import Basics
internal import Commit
internal import Deployment
internal import FileOperations
internal import Glibc
internal import HostState
internal import Transactions
internal import Units

/// What a lasting failure leads to.
extension Watcher {
  /// Tells of it: the journal, and the program of the manifest.
  ///
  /// - Returns: what is to be said of that, as the end of a sentence.
  func alarm(_ record: WatchRecord, _ installed: InstalledRecord, outcome: Outcome? = nil, units: [String] = [])
    -> String
  {
    if outcome == nil { WatchEvent.alarm(record).send() }
    guard let run = record.rules.alarm else { return "" }
    var input = HookInput(
      .alarm, name: record.name, command: "watch", user: context.user, files: [], units: installed.units)
    (input.stamp, input.to, input.outcome) = (record.stamp, record.release, outcome)
    input.reason = record.end?.why
    input.failures = record.course.failures
    let call = HookCall(
      .alarm, run: run, in: "/", within: .saturated(seconds: record.rules.alarmSeconds), input: input,
      scope: "qtctl-hook-\(Caller.pid)-\(context.now())-alarm")
    do {
      // It was the deploy's to judge; since then others may have come to it.
      if let fault = PathTrust.root.fault(of: call.program) {
        throw HookError(call, why: "was not run: \(fault), so that others than root decide what it does")
      }
      try recorder.step("run \(call.title)", within: call.limit, detail: { "'\(call.line)'" }) {
        let end = try context.services.run(call)
        guard end.succeeded else { throw HookError(call, end) }
      }
      return ""
    } catch {
      context.note("\(error)")
      return "\nwarning: \(error)"
    }
  }

  /// Puts back the backup of the state before, once, and ends the watch.
  func rollBack(_ record: inout WatchRecord, _ installed: InstalledRecord, _ outcome: inout LookOutcome) async throws {
    WatchEvent.alarm(record).send()
    guard let stamp = record.stamp else {
      return try finish(&record, installed, .failed, "no backup to roll back to is known", .failed, &outcome)
    }
    guard record.attempt == nil else {
      return try finish(
        &record, installed, .failed, "a rollback was begun before and did not end; see 'qtctl history'", .failed,
        &outcome)
    }
    record.attempt = context.now()
    guard try store.update(record) else { return }
    let command = "rollback \(stamp)"
    var context = context
    context.command = command
    context.redisAddress = context.redisAddress ?? record.redis
    context.redisUser = context.redisUser ?? record.redisUser
    var options = Rollback.Options()
    options.reason = "the watch found " + record.course.failures.joined(separator: "; ", atMost: 3)
    options.over = installed
    do {
      let result = try await Rollback(context, recorder: recorder, tell: tell).run(
        to: stamp.description, in: BackupStore(path: record.store), name: record.name, options)
      outcome.rollback = result
      let isWell = result.exit == .done
      try finish(
        &record, installed, isWell ? .rolledBack : .failed, result.message, result.outcome, &outcome)
    } catch let error as LockError {
      record.attempt = nil
      _ = try pass(over: &record, error)
      outcome.message += "\nnot rolled back yet: \(error)"
    } catch {
      try finish(&record, installed, .failed, "the rollback was not carried out: \(error)", .refused, &outcome)
    }
  }

  private func pass(over record: inout WatchRecord, _ error: LockError) throws {
    record.skipped = "\(error)"
    _ = try store.update(record)
  }

  private func finish(
    _ record: inout WatchRecord, _ installed: InstalledRecord, _ kind: WatchRecord.End.Kind, _ why: String,
    _ end: Outcome, _ outcome: inout LookOutcome
  ) throws {
    try self.end(&record, kind, why)
    outcome.message =
      "\(record.name) failed \(record.course.failing) looks in a row: "
      + record.course.failures.joined(separator: "; ") + "\n" + why
    outcome.message += alarm(record, installed, outcome: end)
  }
}
