public import Deployment

/// Removes backups that retention does not keep, under the lock.
public struct Pruner {
  private let deployer: Deployer

  public init(_ context: HostContext) { deployer = Deployer(context, recorder: StepRecorder()) }

  /// - Returns: what was decided of each backup, newest first.
  public func prune(_ scope: Scope) async throws -> [Retention.Decision] {
    let lock = try deployer.takeLock(wait: .zero)
    defer { withExtendedLifetime(lock) {} }
    try await deployer.recoverFirst(lock)
    let keep = scope.manifest.backups.keep
    let decisions = try scope.store.retention(keep: keep, name: scope.name)
    try scope.store.prune(keep: keep, name: scope.name, needed: [])
    return decisions
  }
}
