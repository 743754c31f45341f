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

  /// - Returns: the room that the change has.
  /// - Throws: `HostError.refused` with all that must be mended first.
  @discardableResult
  func preflight(_ preflight: () throws -> Preflight) async throws -> Room {
    let begun = ContinuousClock.now
    do {
      let preflight = try preflight()
      let remarks = try await preflight.check()
      recorder.record("preflight", .done, since: begun, remarks.joined(separator: "; "))
      return preflight.situation.room
    } catch {
      recorder.record("preflight", .failed, since: begun, "\(error)")
      throw error
    }
  }

  /// Where room is short, removes what retention would remove afterwards.
  func make(_ room: Room) throws {
    let removed = try room.expendable()
    guard !removed.isEmpty else { return }
    try recorder.step("make room", detail: { removed.sentence }) { try room.store.prune(removed) }
  }

  /// Drift is an error unless it is accepted.
  ///
  /// - Throws: `HostError.drift` with what differs.
  func judgeDrift(_ preparation: Preparation) async throws {
    guard !preparation.drift.isEmpty else { return }
    let begun = ContinuousClock.now
    if preparation.options.acceptDrift {
      let paths = preparation.drift.map(\.path).joined(separator: ", ")
      recorder.record("accept drift", .done, since: begun, "\(paths); as found, it will be in the backup")
    } else {
      let error = HostError.drift(await preparation.driftShown(context))
      recorder.record("look for drift", .failed, since: begun, "\(error)")
      throw error
    }
  }

  /// An interrupted transaction is undone before anything else; the command is then to be run again, since what it
  /// was meant for may have changed.
  func recoverFirst(_ lock: TransactionLock) async throws {
    guard let recovered = try await Recovery(context).run(lock, recorder: recorder, tell: tell) else { return }
    guard recovered.exit == .recovered else {
      throw HostError.notRecovered(recovered.message, isLost: recovered.isLost)
    }
    throw HostError.recovered(recovered.message)
  }
}
