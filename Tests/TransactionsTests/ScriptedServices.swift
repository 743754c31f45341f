import Deployment
import Units

/// A service manager in memory for tests of what surrounds it: it starts and stops units as told and keeps a log.
///
/// What it is not told about does not exist, as with the real one.
final class ScriptedServices: ServiceControl {
  private(set) var calls: [String] = []
  var units: [String: UnitState] = [:]
  /// What belongs to the units, there or not.
  var companions: [UnitArtifact] = []
  /// Asked before a unit starts; what it throws is the start's failure.
  var onStart: (String) throws -> Void = { _ in }
  var facts: [String: UnitFacts] = [:]
  var uses: [String: [PathUse]] = [:]
  /// Oneshots whose run does not end.
  var endless: Set<String> = []
  /// The unit that the test pretends to run in.
  var own: String?
  /// Called whenever a unit's state is asked for.
  var onState: () -> Void = {}
  /// Called whenever facts are asked for.
  var onFacts: () -> Void = {}
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

  func start(_ requests: [StartRequest]) throws -> [String] {
    for unit in requests.map(\.unit) {
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
    return []
  }

  func facts(of units: [String]) throws -> [String: UnitFacts] {
    onFacts()
    var found: [String: UnitFacts] = [:]
    var queue = units
    while let unit = queue.popLast() {
      guard found[unit] == nil else { continue }
      let facts = self.facts[unit] ?? UnitFacts()
      found[unit] = facts
      queue += Array(facts.dependents.keys) + facts.triggeredBy
    }
    return found
  }

  func uses(of paths: [String], by units: [String]) throws -> [String: [PathUse]] {
    uses.filter { paths.contains($0.key) }
  }

  func waitUntilStopped(_ unit: String, within limit: Duration) throws -> Bool {
    calls.append("wait for \(unit)")
    return !endless.contains(unit)
  }

  func ownUnit() -> String? { own }

  /// Asked before a unit is reloaded; what it throws is the reload's failure.
  var onReload: (String) throws -> Void = { _ in }
  /// How a hook ends; asked while it runs.
  var onHook: (HookCall) throws -> HookEnd = { _ in HookEnd(.exited(0), output: "") }
  private(set) var held: [String] = []

  func reload(_ unit: String, within limit: Duration) throws {
    calls.append("reload \(unit)")
    try onReload(unit)
  }

  func run(_ hook: HookCall) throws -> HookEnd {
    calls.append("run \(hook.name.rawValue)")
    return try onHook(hook)
  }

  func end(_ hook: HookCall) throws { calls.append("end \(hook.name.rawValue)") }
  func hold(_ units: [String]) throws { held = units }
  func release() throws { held = [] }
  func runAfterBoot(_ command: [String], state: String) throws {
    calls.append("after boot: \(command.dropFirst().joined(separator: " "))")
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

  func companions(of unit: String) throws -> [UnitArtifact] { companions.filter { $0.unit == unit } }
}
