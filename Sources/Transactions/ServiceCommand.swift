package import Commit
internal import Deployment
internal import HostState
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
  /// - Parameters:
  ///   - command: as the history shows it: `start`, `stop` or `restart`.
  ///   - units: in start order.
  package func run(_ command: String, _ units: [String], stop: Bool, start: Bool) async throws {
    try await TransactionProcedure(context: context, recorder: recorder).underLock {
      let (begun, clock) = (context.now(), ContinuousClock.now)
      do {
        if stop { try self.stop(units.reversed()) }
        if start { try self.start(units) }
      } catch {
        note(command, units, .failed, (error as? any CommandError)?.exitStatus ?? .internalError, begun, clock)
        throw error
      }
      note(command, units, .done, .done, begun, clock)
    }
  }

  /// A history that cannot be written does not undo what was done.
  private func note(
    _ command: String, _ units: [String], _ outcome: Outcome, _ exit: ExitStatus, _ begun: Int,
    _ clock: ContinuousClock.Instant
  ) {
    let entry = HistoryEntry(
      name: lookup.name, command: command, outcome: outcome, user: context.user,
      reason: units.joined(separator: ", "), started: begun, seconds: (.now - clock) / .seconds(1), exit: exit.rawValue)
    do { try History(context.state).append(entry) } catch { context.note("this is not in the history: \(error)") }
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
