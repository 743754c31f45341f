internal import Deployment

/// Starts and stops the services of a manifest outside a deploy, under the same lock.
public struct ServiceRunner {
  private let deployer: Deployer
  private let scope: Scope

  public init(_ context: HostContext, recorder: StepRecorder, scope: Scope) {
    deployer = Deployer(context, recorder: recorder)
    self.scope = scope
  }

  /// Stops in reverse order, starts in order, each until ready.
  ///
  /// - Parameter units: in start order.
  public func run(_ units: [String], stop: Bool, start: Bool) async throws {
    let lock = try deployer.takeLock(wait: .zero)
    defer { withExtendedLifetime(lock) {} }
    try await deployer.recoverFirst(lock)
    let services = deployer.context.services
    let limits = Dictionary(scope.manifest.services.map { ($0.unit, $0) }) { first, _ in first }
    if stop {
      for unit in units.reversed() {
        try deployer.recorder.step("stop \(unit)", detail: { $0.isEmpty ? "" : "killed after its grace" }) {
          try services.stop([unit], grace: [unit: limits[unit]?.stop ?? .seconds(10)])
        }
      }
    }
    if start {
      for unit in units {
        try deployer.recorder.step("start \(unit)") {
          try services.resetFailed(unit)
          try services.start(unit, within: limits[unit]?.ready ?? .seconds(30))
        }
      }
    }
  }
}
