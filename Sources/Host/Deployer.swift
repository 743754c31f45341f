public import Deployment

/// Takes a host from what is on it to a release: prepare, commit, verify, and back again when that fails.
public struct Deployer {
  let context: HostContext
  let recorder: StepRecorder
  let tell: (CheckResult) -> Void

  public init(_ context: HostContext, recorder: StepRecorder, tell: @escaping (CheckResult) -> Void = { _ in }) {
    self.context = context
    self.recorder = recorder
    self.tell = tell
  }

  /// What `deploy` would do. Changes nothing; the run applies this very plan.
  ///
  /// - Returns: the release that is on the host, where qtctl deployed one, and the plan.
  /// - Throws: what a run would be refused for, as far as this user may look.
  public func plan(_ release: Release, _ options: DeployOptions) async throws -> (ReleaseIdentity?, Plan) {
    let preparation = try Preparation(release, options, context)
    try await judgeDrift(preparation)
    if Preflight.isRoot { try await preflight { try Preflight.deploy(preparation, context) } }
    return (preparation.installed?.release, preparation.plan)
  }

  /// Deploys a release.
  ///
  /// - Throws: `HostError` when it is refused or recovers another transaction first, `FileError` when preparing
  ///   failed; nothing that runs was touched then.
  public func deploy(_ release: Release, _ options: DeployOptions) async throws -> TransactionResult {
    let lock = try takeLock(wait: options.wait)
    try await recoverFirst(lock)
    lock.enter("plan")
    let preparation = try recorder.step("plan", detail: \.remark) {
      try Preparation(release, options, context)
    }
    try await judgeDrift(preparation)
    let room = try await preflight { try Preflight.deploy(preparation, context) }
    if !preparation.plan.isEmpty { try make(room) }
    let transaction = try Transaction(context, lock: lock, recorder: recorder, begin: preparation.begin(context))
    do {
      if preparation.plan.isEmpty { return try await confirm(preparation, transaction, options) }
      _ = try transaction.backUp(
        preparation.subject, inventory: preparation.inventory, installed: preparation.installed)
      try transaction.stage(preparation.plan)
    } catch {
      throw transaction.abandon(error)
    }
    return try await commit(preparation, transaction, options)
  }

  private func commit(
    _ preparation: Preparation, _ transaction: Transaction, _ options: DeployOptions
  ) async throws -> TransactionResult {
    do {
      let manifest = preparation.release.manifest
      let stable = options.stable ?? manifest.verify.stable
      try transaction.lookBefore(preparation.proof(of: preparation.record(at: context.now()), options, context))
      _ = try transaction.commit(preparation.plan, patience: stable + manifest.rollback.deadline)
      var record = preparation.record(at: context.now())
      if options.verify {
        let checks = try await transaction.verify(preparation.proof(of: record, options, context), tell: tell)
        guard checks.healthy else { throw HostError.unhealthy(checks.failures) }
        record.verified = true
      }
      return try transaction.finish(
        options.verify ? .deployed : .unverified, exit: .done, installed: record,
        message: "\(record.name) \(record.release) is deployed" + (options.verify ? " and verified" : ", not verified"),
        tidy: { preparation.applyRetention(keeping: transaction.stamp) })
    } catch {
      return try await fail(preparation, transaction, options, because: error)
    }
  }

  /// The release is what is already there: nothing is touched, its health is proved.
  private func confirm(
    _ preparation: Preparation, _ transaction: Transaction, _ options: DeployOptions
  ) async throws -> TransactionResult {
    var record = preparation.record(at: context.now())
    record.verified = preparation.installed?.verified ?? false
    guard options.verify else {
      return try transaction.finish(
        .unchanged, exit: .done, installed: record, message: "nothing differs; not verified")
    }
    let checks = try await transaction.verify(preparation.proof(of: record, options, context), tell: tell)
    record.verified = checks.healthy
    return try transaction.finish(
      checks.healthy ? .unchanged : .failed, exit: checks.healthy ? .done : .unhealthy, installed: record,
      message: checks.healthy
        ? "nothing differs from \(record.release); verified"
        : "nothing differs from \(record.release), but it is not healthy; see the failed checks, then "
          + "'qtctl restart' or 'qtctl rollback'")
  }

  private func fail(
    _ preparation: Preparation, _ transaction: Transaction, _ options: DeployOptions, because error: any Error
  ) async throws -> TransactionResult {
    let deadline = ContinuousClock.now + preparation.release.manifest.rollback.deadline
    transaction.fault = HistoryEntry.Fault(error, units: preparation.release.manifest.services.map(\.unit))
    await transaction.keepEvidence(preparation.evidence(because: error, fault: transaction.fault, transaction))
    guard options.rollback else {
      try transaction.unstage()
      return try transaction.finish(
        .failed, exit: .unhealthy, installed: preparation.record(at: context.now()),
        message: "the deploy failed and was left as it is: \(error)\n\(transaction.evidenceLine)go back with "
          + "'qtctl rollback \(transaction.stamp.map(String.init(describing:)) ?? "")'", reason: "\(error)")
    }
    return try await transaction.undo(
      because: "\(error)", deadline: deadline, tell: tell)
  }
}
