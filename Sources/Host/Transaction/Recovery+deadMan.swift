public import Deployment
internal import Glibc

extension Recovery {
  /// How long a caller that hangs is given to undo its transaction itself, once it was asked to.
  private static let grace = Duration.seconds(10)

  /// What the dead-man timer runs: ends the caller of a transaction that is past its deadline, and recovers.
  ///
  /// A transaction is never recovered while its caller holds the lock: the caller is asked to undo it (SIGTERM), and is
  /// killed when it does not.
  ///
  /// - Parameter name: of the alarm; where another transaction is in progress by now, nothing is done.
  /// - Returns: `nil` when there is nothing to recover.
  public func run(
    deadMan name: String, recorder: StepRecorder, tell: @escaping (CheckResult) -> Void
  ) async throws -> TransactionResult? {
    guard let begin = try unfinished(), DeadMan.name(of: begin) == name else { return nil }
    if let caller = LockOwner(pid: begin.pid, lock: context.state.lock) {
      recorder.record("ask pid \(begin.pid) to go back", .done, since: .now, "it is past its deadline")
      caller.signal(SIGTERM)
      do {
        return try await run(wait: Self.grace, recorder: recorder, tell: tell)
      } catch HostError.locked {
        recorder.record("kill pid \(begin.pid)", .done, since: .now, "it hangs")
        caller.signal(SIGKILL)
      }
    }
    return try await run(wait: Self.grace, recorder: recorder, tell: tell)
  }

  private func unfinished() throws -> TransactionJournal.Begin? {
    InterruptedTransaction(try TransactionJournal(context.state).read())?.begin
  }
}
