package import Commit
internal import Deployment
package import Releases
internal import Units

/// Starts and stops the services of a manifest outside a deploy, under the same lock.
package struct ServiceCommand {
  private let context: HostContext
  private let recorder: StepRecorder
  private let lookup: ManifestLookup

  package init(_ context: HostContext, recorder: StepRecorder, lookup: ManifestLookup) {
    self.context = context
    self.recorder = recorder
    self.lookup = lookup
  }

  /// Stops in reverse order, starts in order, each until ready. Whatever comes of it is in the history.
  ///
  /// - Parameter units: in start order.
  package func run(_ units: [String], stop: Bool, start: Bool) async throws {
    try await TransactionProcedure(context: context, recorder: recorder).underLock {
      try context.traced(lookup.name, reason: { _ in units.joined(separator: ", ") }) {
        if stop { try self.stop(units.reversed()) }
        if start { try self.start(units) }
      }
    }
  }

  private func stop(_ units: [String]) throws {
    for unit in units {
      try recorder.step("stop \(unit)", detail: { $0.isEmpty ? "" : "killed, it did not end after SIGTERM" }) {
        try context.services.stop([unit], grace: [unit: service(unit)?.stop ?? facts(unit).stop])
      }
    }
  }

  private func start(_ units: [String]) throws {
    for unit in units {
      try recorder.step("start \(unit)") {
        try context.services.resetFailed(unit)
        try context.services.start(unit, within: service(unit)?.ready)
      }
    }
  }

  private func facts(_ unit: String) throws -> UnitFacts { try context.services.facts(of: [unit])[unit] ?? .unknown }

  private func service(_ unit: String) -> Manifest.Service? { lookup.manifest.services.first { $0.unit == unit } }
}
