internal import Deployment

extension Deployer {
  /// - Parameter inLine: whether those who wait already come first.
  func takeLock(wait: Duration, inLine: Bool = true) throws -> TransactionLock {
    guard Preflight.isRoot else { throw HostError.refused(["this changes the host and needs root; run it with sudo"]) }
    return try TransactionLock(
      context.state,
      holder: LockHolder(
        pid: Preflight.pid, user: context.user, command: context.command, stage: "begin", started: context.now()),
      wait: wait, inLine: inLine, tell: context.note)
  }

  /// - Throws: `HostError.refused` with all that must be mended first.
  func preflight(_ preflight: () throws -> Preflight) async throws {
    let begun = ContinuousClock.now
    do {
      let remarks = try await preflight().check()
      recorder.record("preflight", .done, since: begun, remarks.joined(separator: "; "))
    } catch {
      recorder.record("preflight", .failed, since: begun, "\(error)")
      throw error
    }
  }

  /// An interrupted transaction is undone before anything else; the command is then to be run again, since what it
  /// was meant for may have changed.
  func recoverFirst(_ lock: TransactionLock) async throws {
    guard let recovered = try await Recovery(context).run(lock, recorder: recorder, tell: tell) else { return }
    guard recovered.exit == .recovered else { throw HostError.notRecovered(recovered.message) }
    throw HostError.recovered(recovered.message)
  }
}
