public import Deployment

/// Puts a backup back and proves it. Works from the backup alone: release, manifest and Redis may be gone.
public struct Rollback {
  public struct Options: Sendable {
    /// The time until verified health; `nil`: as the manifest in the backup says.
    public var deadline: Duration?
    public var reason: String?
    public var wait: Duration = .zero
    public init() {}
  }

  let deployer: Deployer
  private var context: HostContext { deployer.context }
  private var recorder: StepRecorder { deployer.recorder }

  public init(_ context: HostContext, recorder: StepRecorder, tell: @escaping (CheckResult) -> Void = { _ in }) {
    deployer = Deployer(context, recorder: recorder, tell: tell)
  }

  /// What a rollback would do.
  public struct Preview: Sendable {
    public let stamp: Stamp
    /// Where to, in words.
    public let course: String
    public let plan: Plan
  }

  /// What a rollback would do. Changes nothing; the run applies this very plan.
  ///
  /// - Throws: what a run would be refused for, as far as this user may look.
  public func plan(_ stamp: String?, in store: BackupStore, name: String?) async throws -> Preview {
    let aim = try RollbackAim(stamp, in: store, name: name, context)
    if Preflight.isRoot { try await deployer.preflight { try Preflight.rollback(aim, store, context) } }
    let course = (aim.remarks + ["back to \(aim.title)"]).joined(separator: "\n")
    return Preview(stamp: aim.record.stamp, course: course, plan: aim.plan)
  }

  /// - Parameters:
  ///   - stamp: as a person wrote it; `nil`: the last verified state that differs from what is on the host.
  ///   - name: the manifest's name, where one is known; only its backups are chosen from.
  public func roll(
    back stamp: String?, in store: BackupStore, name: String?, _ options: Options
  ) async throws -> TransactionResult {
    let start = ContinuousClock.now
    let lock = try deployer.takeLock(wait: options.wait)
    try await recoverFirst(lock, goingTo: stamp)
    lock.enter("plan")
    let aim = try recorder.step(
      "check the backup",
      detail: { ($0.remarks + ["going back to \($0.title); \($0.plan.steps.count) steps"]).joined(separator: "; ") }
    ) {
      try RollbackAim(stamp, in: store, name: name, context)
    }
    let room = try await deployer.preflight { try Preflight.rollback(aim, store, context) }
    if !aim.plan.isEmpty { try deployer.make(room) }
    let deadline = start + (options.deadline ?? aim.deadline)
    let transaction = try Transaction(
      context, lock: lock, recorder: recorder,
      begin: TransactionJournal.Begin(
        name: aim.record.name, command: context.command, reason: options.reason, user: context.user,
        pid: Preflight.pid, started: context.now(), store: store.path, from: aim.installed?.release,
        to: aim.record.installed?.release))
    guard !aim.plan.isEmpty else { return try await conclude(aim, transaction, [], deadline: deadline) }
    do {
      _ = try transaction.backUp(aim.subject, inventory: aim.inventory, installed: aim.installed)
      try transaction.stage(aim.plan)
    } catch {
      throw transaction.abandon(error)
    }
    if let left = aim.installed {
      let age = context.now() - History(context.state).beginning(of: left)
      await transaction.keepEvidence(
        aim.evidence(
          of: left, past: .seconds(age + 1), reason: options.reason,
          limit: min(.seconds(2), (deadline - .now) / 10)))
    }
    do {
      try transaction.lookBefore(Proof(aim.record, redis: context.redis))
      let failures = try transaction.commit(
        aim.plan, patience: max(.zero, deadline - .now), tolerance: .services, deadline: deadline)
      return try await conclude(aim, transaction, failures, deadline: deadline)
    } catch {
      return try await transaction.undo(because: "\(error)", deadline: deadline, tell: deployer.tell)
    }
  }

  /// An interrupted transaction whose own backup is damaged can be undone by nobody: what a person names instead ends it.
  private func recoverFirst(_ lock: TransactionLock, goingTo stamp: String?) async throws {
    do {
      try await deployer.recoverFirst(lock)
    } catch HostError.notRecovered(let what, isLost: true) where stamp != nil {
      recorder.record("go past an interrupted transaction", .done, since: .now, what)
    }
  }

  private func conclude(
    _ aim: RollbackAim, _ transaction: Transaction, _ failures: [Committer.Failure],
    deadline: ContinuousClock.Instant
  ) async throws -> TransactionResult {
    let proof = Proof(aim.record, redis: context.redis).limited(by: deadline)
    let checks = try await transaction.verify(proof, tell: deployer.tell)
    let faults = failures.map(\.description) + checks.failures.map(\.sentence)
    let healthy = failures.isEmpty && checks.healthy
    var installed = aim.record.installed
    installed?.verified = healthy
    let left = aim.stopped.isEmpty ? "" : "; left stopped, as then: \(aim.stopped.joined(separator: ", "))"
    let what = aim.remarks.map { $0 + "\n" }.joined() + aim.title + ","
    let evidence = transaction.evidence.map { "; evidence of what it left is kept in \($0)" } ?? ""
    return try transaction.finish(
      healthy ? (aim.plan.isEmpty ? .unchanged : .rolledBack) : .failed, exit: healthy ? .done : .unhealthy,
      installed: installed,
      message: healthy
        ? (aim.plan.isEmpty ? "\(what) is what stands already; verified" : "\(what) is back, verified healthy") + left
          + evidence
        : "\(what) was put back but is not verified healthy: \(faults.joined(separator: "; "))\n"
          + transaction.evidenceLine
          + "look at 'qtctl status' and 'qtctl logs'; for another state: 'qtctl backups list', 'qtctl rollback STAMP'")
  }
}
