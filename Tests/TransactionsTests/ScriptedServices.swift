import Deployment
import Units

/// A service manager in memory for tests of what surrounds it: it starts and stops units as told and keeps a log.
///
/// What it is not told about does not exist, as with the real one.
final class ScriptedServices: ServiceControl {
  private(set) var calls: [String] = []
  var units: [String: UnitState] = [:]
  var facts: [String: UnitFacts] = [:]
  /// What belongs to the units, there or not.
  var companions: [Companion] = []
  /// Asked before a unit starts; what it throws is the start's failure.
  var onStart: (String) throws -> Void = { _ in }
  /// Called whenever a unit's state is asked for.
  var onState: () -> Void = {}
  /// Units that outlive SIGTERM.
  var stubborn: Set<String> = []

  func add(_ unit: String, active: String = "inactive", enablement: String = "disabled") {
    units[unit] = UnitState(unit: unit, load: "loaded", active: active, enablement: enablement)
  }

  func forgetCalls() { calls = [] }

  func state(of unit: String) throws -> UnitState {
    onState()
    return units[unit] ?? UnitState(unit: unit, load: "not-found", active: "inactive")
  }

  func stop(_ units: [String], grace: [String: Duration]) throws -> [String] {
    calls.append("stop \(units.joined(separator: " "))")
    for unit in units { self.units[unit]?.active = "inactive" }
    return units.filter(stubborn.contains)
  }

  func start(_ units: [String], within limits: [String: Duration]) throws {
    for unit in units { try start(unit) }
  }

  func waitUntilStopped(_ unit: String, within: Duration) throws -> Bool { try state(of: unit).stopped }

  func facts(of unit: String) throws -> UnitFacts? { facts[unit] }

  private func start(_ unit: String) throws {
    calls.append("start \(unit)")
    do {
      try onStart(unit)
    } catch {
      units[unit]?.active = "failed"
      throw error
    }
    if units[unit] == nil { add(unit) }
    units[unit]?.active = "active"
  }

  func reloadManager() throws { calls.append("reload") }
  func resetFailed(_ unit: String) throws {}

  func arm(_ alarm: RollbackWatchdog) throws { calls.append("arm \(alarm.name)") }
  func disarm(_ alarm: String) throws {}

  func enable(_ unit: String) throws {
    calls.append("enable \(unit)")
    if units[unit] == nil { add(unit) }
    units[unit]?.enablement = "enabled"
  }

  func companions(of unit: String) throws -> [Companion] { companions.filter { $0.unit == unit } }
}
