internal import Deployment

extension Transaction {
  /// Ends a transaction that failed before it touched anything that runs.
  ///
  /// - Returns: the error to throw on.
  func abandon(_ error: any Error) throws -> any Error {
    if let interrupted = InterruptedTransaction(try journal.read()) {
      try Stager.clean(files: interrupted.staged, folders: interrupted.folders)
    }
    _ = try finish(
      .failed, exit: .internalError, installed: try InstalledReleases(context.state).record(begin.name),
      message: "", reason: "\(error)")
    return error
  }

  /// Brings back the state before this transaction and proves it.
  func undo(
    because reason: String, deadline: ContinuousClock.Instant, tell: (CheckResult) -> Void
  ) async throws -> TransactionResult {
    try lock.enter("undo")
    guard let interrupted = InterruptedTransaction(try journal.read()) else {
      throw HostError.unreadable(path: journal.path, why: "it does not begin with a transaction")
    }
    let undone = try Undo(context: context, recorder: recorder, deadline: deadline).run(interrupted, because: reason)
    let failed = "'\(begin.command)' failed: \(reason)\n"
    if undone.isUnfinished {
      return result(.failed, exit: .unhealthy, message: failed + Self.unfinished(undone.failures))
    }
    var healthy = undone.failures.isEmpty
    if let record = undone.record {
      let checks = try await verify(Proof(record, redis: context.redis).limited(by: deadline), tell: tell)
      healthy = healthy && checks.healthy
    }
    let previous = begin.from.map { "release \($0)" } ?? "the state before it"
    let faults = undone.failures.map(\.description) + checks.failures.map(\.sentence)
    return try finish(
      healthy ? .rolledBack : .failed, exit: healthy ? .rolledBack : .unhealthy, installed: undone.record?.installed,
      message: healthy
        ? failed + "the host is back on \(previous), verified healthy"
        : failed + "\(previous) was put back but is not verified healthy: \(faults.joined(separator: "; "))\n"
          + "look at 'qtctl status' and 'qtctl logs'; for another state: 'qtctl backups list', 'qtctl rollback STAMP'",
      reason: reason)
  }

  static func unfinished(_ failures: [Committer.Failure]) -> String {
    "not everything could be put back: " + failures.map(\.description).joined(separator: "; ")
      + "\nmend the cause, then run 'qtctl recover'"
  }
}

extension CheckResult {
  /// One line for a list of faults.
  var sentence: String { "\(id) \(subject): \(detail)" }
}
