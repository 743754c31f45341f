package import Commit
package import Deployment
package import Releases

/// What a deploy is asked for beyond its release.
package struct DeployOptions: Sendable {
  /// Only the files of these units; all where empty.
  package var only: Set<String> = []
  /// Restart all units, changed or not.
  package var all = false
  package var verify = true
  /// Undo by itself when it fails.
  package var rollback = true
  /// Go on where the host has drifted; what is there is backed up first.
  package var acceptDrift = false
  /// Try a release whose content failed here before.
  package var again = false
  /// How long to wait for another transaction's lock.
  package var wait: Duration = .zero
  package var reason: String?
  /// Allow a backup store that a reboot empties.
  package var volatileStore = false
  /// Overrides the manifest's `verify.stable`.
  package var stable: Duration?
  /// Overrides the manifest's backup store.
  package var store: String?
  package init() {}
}

/// Takes a host from what is on it to a release: prepare, commit, verify, and back again when that fails.
package struct Deploy {
  private let context: HostContext
  private let procedure: TransactionProcedure

  package init(_ context: HostContext, recorder: StepRecorder, tell: @escaping (CheckResult) -> Void = { _ in }) {
    self.context = context
    procedure = TransactionProcedure(context: context, recorder: recorder, tell: tell)
  }

  /// What `run` would do. Changes nothing; the run applies this very plan.
  ///
  /// - Returns: the release that is on the host, where qtctl deployed one, and the plan.
  /// - Throws: what a run would be refused for, as far as this user may look.
  package func preview(_ release: Release, _ options: DeployOptions) async throws -> (ReleaseIdentity?, Plan) {
    let change = try await procedure.preview { try DeployPlan(release, options, context) }
    return (change.installed?.release, change.plan)
  }

  /// Deploys a release.
  package func run(_ release: Release, _ options: DeployOptions) async throws -> TransactionResult {
    try await procedure.run(wait: options.wait) { try DeployPlan(release, options, context) }
  }
}
