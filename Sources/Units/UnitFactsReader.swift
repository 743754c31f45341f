internal import Basics
internal import Deployment
internal import Glibc
internal import Systemd

/// What a plan has to know of units beyond their state, read from systemd.
struct UnitFactsReader {
  let manager: ServiceManager

  /// The facts of the units and of all that stop with them, would start them, or conflict with them.
  func facts(of units: [String]) throws -> [String: UnitFacts] {
    var facts: [String: UnitFacts] = [:]
    var next = units.uniqued()
    while !next.isEmpty {
      // One that could not be read is asked for again, and says why.
      try? manager.readAhead(next)
      var named: [String] = []
      for unit in next {
        let found = UnitFacts(try manager.details(of: unit))
        facts[unit] = found
        named += Array(found.dependents.keys) + found.triggeredBy + found.listensFor
      }
      next = named.uniqued().filter { facts[$0] == nil }
    }
    return Self.renamed(facts, as: units)
  }

  /// With the units under the names by which they were asked for, wherever others mention them.
  static func renamed(_ facts: [String: UnitFacts], as asked: [String]) -> [String: UnitFacts] {
    let aliases = Dictionary(
      asked.compactMap { unit in facts[unit].flatMap { $0.id == unit || $0.id.isEmpty ? nil : ($0.id, unit) } }
    ) { first, _ in first }
    guard !aliases.isEmpty else { return facts }
    func name(_ unit: String) -> String { asked.contains(unit) ? unit : aliases[unit] ?? unit }
    return Dictionary(
      facts.map { unit, facts in
        var facts = facts
        facts.dependents = Dictionary(facts.dependents.map { (name($0), $1) }) { first, _ in first }
        facts.conflicts = facts.conflicts.map(name)
        facts.triggeredBy = facts.triggeredBy.map(name)
        facts.listensFor = facts.listensFor.map(name)
        return (name(unit), facts)
      }
    ) { first, _ in first }
  }
}

extension UnitFacts {
  private static let dependences: [(UnitDetails.Relation, Dependence)] = [
    (.upheldBy, .upholds), (.propagatesStopTo, .stopPropagatedFrom), (.consistsOf, .partOf), (.boundBy, .bindsTo),
    (.requisiteOf, .requisite), (.requiredBy, .requires),
  ]

  init(_ details: UnitDetails) {
    self.init()
    let status = details.status
    id = status.unit
    serviceType = status.serviceType ?? ""
    remainsAfterExit = details.remainsAfterExit
    lastRun = Self.lastRun(status)
    if status.serviceType != nil {
      startTimeout = status.timeoutStart
      stopTimeout = status.timeoutStop
    } else {
      startTimeout = details.timeout ?? .seconds(90)
      stopTimeout = details.timeout ?? .seconds(90)
    }
    killMode = details.killMode
    canReload = status.canReload
    refusesManualStart = details.refusesManualStart
    refusesManualStop = details.refusesManualStop
    needsReload = status.needDaemonReload
    // The closest relation is told.
    for (relation, dependence) in Self.dependences {
      for unit in details.related(relation) { dependents[unit] = dependence }
    }
    conflicts = Array(Set(details.related(.conflicts) + details.related(.conflictedBy))).sorted()
    triggeredBy = details.related(.triggeredBy).sorted()
    // One of a template's is started for each connection, and ends with it.
    if status.unit.hasSuffix(".socket") {
      listensFor = details.related(.triggers).filter { !$0.contains("@") }.sorted()
    }
    nextRun = Self.nextRun(details)
  }

  private static func lastRun(_ status: UnitStatus) -> LastRun {
    if status.activeState == .failed { return .failed }
    guard status.execMainExit != nil else { return .none }
    return status.result == "success" ? .succeeded : .failed
  }

  /// The earlier of the two clocks' next runs.
  private static func nextRun(_ details: UnitDetails) -> Duration? {
    [details.nextRealtime.map { ($0, CLOCK_REALTIME) }, details.nextMonotonic.map { ($0, CLOCK_MONOTONIC) }]
      .compactMap(\.self).map { next, clock in
        var time = timespec()
        clock_gettime(clock, &time)
        let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000  // trap: a clock of this machine
        return Duration.microseconds(max(0, next - now))
      }.min()
  }
}
