/// Which units a plan stops and starts, and why: the affected ones of the manifest, those that systemd stops together
/// with them, and those that would start them meanwhile.
struct UnitChanges {
  /// A unit of the manifest that is touched. Its target is `running` or `stopped`.
  struct Touched {
    var unit: DesiredState.Unit
    var reason: String
    var stops: Bool
    var starts: Bool

    var isSocket: Bool { unit.unit.hasSuffix(".socket") }
    /// Whether it may start other units.
    var isTrigger: Bool { isSocket || unit.unit.hasSuffix(".timer") || unit.unit.hasSuffix(".path") }
  }

  /// Another unit that has to be down meanwhile and is up afterwards.
  struct Other {
    var unit: String
    var whyStopped: String
    var whyStarted: String
  }

  /// In start order.
  private(set) var touched: [Touched] = []
  /// Units that stop with others, nearest first.
  private(set) var neighbours: [Other] = []
  /// Timers, paths and sockets that would start a unit before its files are in place.
  private(set) var triggers: [Other] = []
  /// Oneshots that run at this moment and are waited for.
  private(set) var waits: [(unit: String, reason: String)] = []

  private let inventory: Inventory
  private let units: [String: DesiredState.Unit]

  /// - Parameter reasons: Why units of the manifest are affected.
  init(from inventory: Inventory, to desired: DesiredState, reasons: [String: String]) {
    self.inventory = inventory
    units = Dictionary(desired.units.map { ($0.unit, $0) }) { first, _ in first }
    let order = desired.units.map(\.unit)
    let all = addOthers(to: reasons, order)
    for unit in desired.units {
      if let reason = all[unit.unit] { touch(unit, reason) }
    }
  }

  func facts(_ unit: String) -> UnitFacts { inventory.facts[unit] ?? .unknown }

  /// What becomes of the unit.
  func target(_ unit: DesiredState.Unit) -> DesiredState.Unit.Target {
    let target = unit.target ?? facts(unit.unit).standardTarget
    guard target == .asFound else { return target }
    return inventory.unit(unit.unit).running && !endsByItself(unit.unit) ? .running : .stopped
  }

  /// Adds the units that stop with, or would start, those that are affected, and then those that stop with or would start
  /// these, until there are no more.
  ///
  /// - Returns: The reasons of all units of the manifest that are affected, these included.
  private mutating func addOthers(to reasons: [String: String], _ order: [String]) -> [String: String] {
    var reasons = reasons
    var queue = order.filter { reasons[$0] != nil }
    let time = Self.expectedTime(units: queue.count)
    var seen = Set(queue)
    while !queue.isEmpty {
      let leader = queue.removeFirst()
      var found: [(trigger: Bool, other: Other)] = []
      for trigger in facts(leader).triggeredBy.sorted() where mustPause(trigger, time) {
        found.append(
          (
            true,
            Other(
              unit: trigger, whyStopped: "it must not start \(leader) before the new files are in place",
              whyStarted: "it was active before")
          ))
      }
      // systemd starts no socket whose service is active, and the service has the old sockets.
      for unit in facts(leader).listensFor where !inventory.unit(leader).stopped && !inventory.unit(unit).stopped {
        found.append(
          (
            false,
            Other(unit: unit, whyStopped: "it has the sockets of \(leader)", whyStarted: "it was active before")
          ))
      }
      if !inventory.unit(leader).stopped {
        for (unit, how) in facts(leader).dependents.sorted(by: { $0.key < $1.key })
        where !inventory.unit(unit).stopped {
          let stops = how == .upholds ? "it would start \(leader) again" : "it stops with \(leader)"
          found.append(
            (
              false,
              Other(
                unit: unit, whyStopped: "\(stops) (\(how.rawValue))", whyStarted: "it was active before")
            ))
        }
      }
      for (isTrigger, other) in found where seen.insert(other.unit).inserted {
        queue.append(other.unit)
        if units[other.unit] != nil {
          reasons[other.unit] = other.whyStopped
        } else if endsByItself(other.unit) {
          waits.append((other.unit, other.whyStopped))
        } else if isTrigger {
          triggers.append(other)
        } else {
          neighbours.append(other)
        }
      }
    }
    return reasons
  }

  private mutating func touch(_ unit: DesiredState.Unit, _ reason: String) {
    var resolved = unit
    resolved.target = target(unit)
    if endsByItself(unit.unit) { waits.append((unit.unit, reason)) }
    let stops = !inventory.unit(unit.unit).stopped
    let starts = resolved.target == .running && !unit.masked
    if stops || starts { touched.append(Touched(unit: resolved, reason: reason, stops: stops, starts: starts)) }
  }

  /// Whether it is a oneshot in the middle of a run, after which it is down again.
  private func endsByItself(_ unit: String) -> Bool {
    let facts = facts(unit)
    return facts.isOneshot && !facts.remainsAfterExit && inventory.unit(unit).active == "activating"
  }

  /// Whether the trigger is active and may start its unit within that time.
  private func mustPause(_ trigger: String, _ time: Duration) -> Bool {
    guard inventory.unit(trigger).running else { return false }
    guard trigger.hasSuffix(".timer") else { return true }
    return facts(trigger).nextRun.map { $0 <= time } ?? false
  }

  /// How long the units are expected to be down. A timer that runs later is left alone: stopping and starting one whose
  /// `OnBootSec=` is over runs it at once.
  private static func expectedTime(units: Int) -> Duration { max(.seconds(60), .seconds(5 * units)) }
}

// MARK: What an operator is told

extension UnitChanges {
  /// Running units that stop when one that conflicts with them starts. An undo brings them back.
  var displaced: [(unit: String, by: String)] {
    let stopping = Set(touched.filter(\.stops).map(\.unit.unit) + (neighbours + triggers).map(\.unit))
    return touched.filter { $0.starts && !$0.stops }.flatMap { started in
      facts(started.unit.unit).conflicts.filter { inventory.unit($0).running && !stopping.contains($0) }
        .map { ($0, started.unit.unit) }
    }
  }

  /// What an operator should know, in sentences.
  var warnings: [String] {
    return touched.filter { $0.stops && facts($0.unit.unit).leavesProcesses }.map {
      "processes of \($0.unit.unit) that its KillMode=\(facts($0.unit.unit).killMode) leaves keep using the old files"
    }
      + triggers.filter { $0.unit.hasSuffix(".socket") }.map {
        "connections to \($0.unit) are refused while it is paused"
      }
      + displaced.map { "\($0.unit) stops when \($0.by) starts, because they conflict (Conflicts=)" }
  }

  /// Why the plan cannot be applied, in sentences.
  var refusals: [String] {
    let stops = touched.filter(\.stops).map(\.unit.unit) + triggers.map(\.unit)
    let starts = touched.filter(\.starts).map(\.unit.unit) + (neighbours + triggers).map(\.unit)
    return stops.filter { facts($0).refusesManualStop }.map {
      "\($0) must be stopped and its unit file refuses that (RefuseManualStop=yes); remove that line first"
    }
      + starts.filter { facts($0).refusesManualStart }.map {
        "\($0) must be started and its unit file refuses that (RefuseManualStart=yes); remove that line first"
      }
  }
}

extension UnitFacts {
  /// Of a unit that the manager does not know yet: systemd's own limits of time, and nothing that hangs together with it.
  package static var unknown: UnitFacts {
    var facts = UnitFacts()
    facts.startTimeout = .seconds(90)
    facts.stopTimeout = .seconds(90)
    return facts
  }
}
