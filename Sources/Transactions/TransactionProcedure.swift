internal import Backups
internal import Basics
internal import Commit
package import Deployment
package import FileOperations
internal import HostState
internal import Preflight
internal import Units

/// The one procedure of everything that changes the host: lock, recover, plan, preflight, back up, stage, commit, verify,
/// finish or undo.
struct TransactionProcedure {
  let context: HostContext
  let recorder: StepRecorder
  var tell: (CheckResult) -> Void = { _ in }

  /// Carries a change out.
  ///
  /// - Parameters:
  ///   - wait: how long to wait for another transaction's lock.
  ///   - goingPast: whether an interrupted transaction whose backup is lost may be left behind.
  ///   - make: makes the plan; under the lock, since another transaction may have changed the host until then.
  /// - Throws: a `CommandError` when it is refused or another transaction was recovered first, `FileError` when preparing
  ///   failed; nothing that runs was touched then.
  func run<Planned: Change>(
    wait: Duration, goingPast: Bool = false, _ make: () throws -> Planned
  ) async throws -> TransactionResult {
    let lock = try takeLock(wait: wait)
    let start = ContinuousClock.now
    try await recoverFirst(lock, goingPast: goingPast)
    lock.enter("plan")
    let change = try recorder.step(Planned.planning, detail: \.remark, make)
    let space = try await admit(change)
    if !change.plan.isEmpty || change.alwaysBacksUp { try free(space) }
    var begin = change.begin(context)
    (begin.redis, begin.redisUser) = (context.redisAddress, context.redisUser)
    let transaction = try Transaction(context, lock: lock, recorder: recorder, begin: begin, start: start)
    guard !change.plan.isEmpty else { return try await conclude(unchanged: change, transaction) }
    do {
      _ = try transaction.backUp(change)
      try await transaction.createUsers(change.plan)
      try transaction.stage(change.plan)
      try transaction.prepareHooks(change)
      try transaction.waitForRuns(change.plan)
    } catch {
      throw transaction.abandon(error)
    }
    if let subject = change.evidenceBefore(context) { await transaction.keepEvidence(subject) }
    let policy = change.policy(context)
    do {
      try transaction.noteBaseline(change.spec(context))
      let failures = try transaction.commit(change.plan, policy)
      let result = try await conclude(change, transaction, failures)
      return transaction.runFinished(change, result)
    } catch {
      let result = try await fail(change, transaction, policy, because: error)
      return transaction.runFinished(change, result)
    }
  }

  /// What `run` would do, as far as this user may look. Changes nothing; the run applies this very plan.
  func preview<Planned: Change>(_ make: () throws -> Planned) async throws -> Planned {
    let change = try make()
    try await judgeDrift(change)
    if Caller.isRoot {
      try await preflight(change)
    } else {
      context.note("preflight is left out, as only root may look everywhere; run it with sudo to see what it refuses")
    }
    return change
  }

  private func conclude(
    _ change: some Change, _ transaction: Transaction, _ failures: [Committer.Failure]
  ) async throws -> TransactionResult {
    var spec = change.spec(context)
    spec.others = change.plan.others
    let checks = change.verifies ? try await transaction.verify(spec, tell: tell) : nil
    let ending = try change.ending(failures, checks, transaction)
    return try transaction.finish(ending) { change.tidy(transaction) }
  }

  /// Nothing differs: nothing is touched, the host's health is proved or its state saved.
  private func conclude(unchanged change: some Change, _ transaction: Transaction) async throws -> TransactionResult {
    guard change.alwaysBacksUp else {
      // A unit that has crashed for weeks is no finding; all else that is wrong is, since nothing is touched.
      transaction.excuseUnits(change.spec(context))
      return try await conclude(change, transaction, [])
    }
    do {
      _ = try transaction.backUp(change)
      return try transaction.finish(change.ending([], nil, transaction))
    } catch {
      throw transaction.abandon(error)
    }
  }

  private func fail(
    _ change: some Change, _ transaction: Transaction, _ policy: CommitPolicy, because error: any Error
  ) async throws -> TransactionResult {
    let deadline = policy.deadline ?? .now + policy.undoWithin
    if let subject = change.evidence(of: error, transaction) {
      transaction.fault = subject.fault
      await transaction.keepEvidence(subject)
    }
    guard change.undoes else {
      try transaction.unstage()
      return try transaction.finish(change.ending(leaving: error, transaction))
    }
    return try await transaction.undo(because: "\(error)", deadline: deadline, tell: tell)
  }
}

// MARK: - Before anything is touched

extension TransactionProcedure {
  /// - Parameter inLine: whether those who wait already come first.
  func takeLock(wait: Duration, inLine: Bool = true) throws -> TransactionLock {
    guard Caller.isRoot else { throw Refusal(["this command changes the host and needs root; run it with sudo"]) }
    return try TransactionLock(
      context.state,
      holder: LockHolder(
        pid: Caller.pid, user: context.user, command: context.command, stage: "begin", started: context.now()),
      wait: wait, inLine: inLine, tell: context.note)
  }

  /// An interrupted transaction is undone before anything else; the command is then to be run again, since what it
  /// was meant for may have changed.
  ///
  /// - Parameter goingPast: whether one whose own backup is damaged, so that nobody can undo it, is left behind.
  func recoverFirst(_ lock: TransactionLock, goingPast: Bool = false) async throws {
    guard let recovered = try await Recovery(context).run(lock, recorder: recorder, tell: tell) else { return }
    if recovered.exit == .recovered { throw TransactionError.recovered(recovered.message) }
    guard goingPast, recovered.isLost else {
      throw TransactionError.notRecovered(recovered.message, isLost: recovered.isLost)
    }
    recorder.record("leave an interrupted transaction behind", .done, since: .now, recovered.message)
  }

  /// Runs a piece of work that is no transaction under the lock, after whatever was interrupted.
  func underLock<Value>(_ work: () async throws -> Value) async throws -> Value {
    let lock = try takeLock(wait: .zero)
    defer { withExtendedLifetime(lock) {} }
    try await recoverFirst(lock)
    return try await work()
  }

  /// - Returns: the disk space that the change has.
  /// - Throws: `TransactionError.drift`, or `Refusal` with everything that must be fixed first.
  private func admit(_ change: some Change) async throws -> DiskSpace {
    try await judgeDrift(change)
    return try await preflight(change)
  }

  @discardableResult
  private func preflight(_ change: some Change) async throws -> DiskSpace {
    let begun = ContinuousClock.now
    do {
      let judged = try change.preflight(context)
      let remarks = try await Preflight.check(
        PreflightSituation(
          judged, state: context.state, redis: context.redis, redisAddress: context.redisAddress, trial: context.trial,
          ownUnit: context.services.ownUnit().map { try context.services.state(of: $0) }))
      recorder.record("preflight", .done, since: begun, remarks.joined(separator: "; "))
      return judged.diskSpace
    } catch {
      recorder.record("preflight", .failed, since: begun, "\(error)")
      throw error
    }
  }

  /// Drift is an error unless it is accepted.
  ///
  /// - Throws: `TransactionError.drift` with what differs.
  private func judgeDrift(_ change: some Change) async throws {
    guard let plan = change as? DeployPlan, !plan.drift.isEmpty else { return }
    let begun = ContinuousClock.now
    if plan.options.acceptDrift {
      let paths = plan.drift.map(\.path).joined(separator: ", ")
      recorder.record("accept drift", .done, since: begun, "\(paths); the backup will hold them as found")
    } else {
      let error = TransactionError.drift(await plan.driftShown(context))
      recorder.record("look for drift", .failed, since: begun, "\(error)")
      throw error
    }
  }

  /// Where disk space is short, removes what retention would remove afterwards.
  private func free(_ space: DiskSpace) throws {
    let removed = try space.expendable()
    guard !removed.isEmpty else { return }
    try recorder.step("free disk space", detail: { removed.sentence }) { try space.store.prune(removed) }
  }
}

/// Why a transaction was not begun, or could not go on.
package enum TransactionError: CommandError, Hashable {
  case drift([FileDifference])
  /// A transaction was found interrupted and undone, with what was done.
  case recovered(String)
  case unhealthy([CheckResult])
  /// An interrupted transaction was found and could not be undone completely, in sentences; `isLost` where its backup is
  /// damaged or gone, so that only another one can end it.
  case notRecovered(String, isLost: Bool = false)

  package var exitStatus: ExitStatus {
    switch self {
    case .drift: .drift
    case .recovered: .recovered
    case .unhealthy, .notRecovered: .unhealthy
    }
  }

  package var description: String {
    switch self {
    case .drift(let drift):
      "files on the host are not as the last transaction left them; nothing was changed:\n  "
        + drift.map(\.sentence).joined(separator: "\n  ", atMost: 20)
        + "\nput the change into the release, or deploy with --accept-drift (the present state is backed up first)"
    case .recovered(let what):
      "an interrupted transaction was found and undone: \(what); run the command again"
    case .unhealthy(let checks):
      "not healthy: " + checks.map { "\($0.id) \($0.subject): \($0.detail)" }.joined(separator: "; ", atMost: 5)
    case .notRecovered(let what, _):
      "an interrupted transaction was found: \(what)"
    }
  }
}
