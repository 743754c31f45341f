import Deployment
import Testing

@Suite("Stops and starts")
struct StartOrderTests {
  private func plan(_ order: DesiredState.StartOrder, _ facts: [String: UnitFacts] = [:]) -> Plan {
    let units = ["a.service", "b.service", "c.service"]
    var inventory = Inventory(
      files: [:], units: Dictionary(uniqueKeysWithValues: units.map { ($0, PlannerTests.up($0)) }))
    inventory.facts = facts
    var desired = DesiredState(
      files: [], units: units.map { DesiredState.Unit(unit: $0, running: true, enablement: .asFiles) })
    desired.units[1].ready = .seconds(7)
    desired.units[1].stop = .seconds(3)
    desired.startOrder = order
    return Planner(restart: Set(units)).plan(from: inventory, to: desired)
  }

  @Test("happen one after the other as listed, and in reverse")
  func inOrder() {
    #expect(
      NeighbourTests.steps(plan(.inOrder)) == [
        "stop c.service", "stop b.service", "stop a.service", "start a.service", "start b.service", "start c.service",
      ])
  }

  @Test("happen all at once where the manifest says together")
  func together() {
    let plan = plan(.together)
    #expect(
      NeighbourTests.steps(plan) == [
        "stop c.service", "+stop b.service", "+stop a.service", "start a.service", "+start b.service",
        "+start c.service",
      ])
    #expect(plan.groups.map(\.count) == [3, 1, 1, 1, 3])
  }

  @Test(
    "take as long as the manifest says, or else as the unit's own file does, or five minutes where that has no limit")
  func limits() {
    let plan = plan(
      .inOrder,
      [
        "a.service": NeighbourTests.facts { $0.stopTimeout = .seconds(60) }, "b.service": UnitFacts(),
        "c.service": UnitFacts(),
      ])
    #expect(plan.grace == ["a.service": .seconds(60), "b.service": .seconds(3), "c.service": .seconds(300)])
    let starts = plan.steps.compactMap { step -> Duration?? in
      if case .start(_, let within) = step.action { .some(within) } else { .none }
    }
    #expect(starts == [nil, .seconds(7), nil])
    #expect(UnitFacts().ready == .seconds(300))
  }

  @Test(
    "leave a oneshot alone that is as it should be",
    arguments: [
      (.succeeded, false, "inactive", "disabled", true), (.succeeded, true, "inactive", "disabled", false),
      (.succeeded, true, "active", "disabled", true), (.failed, false, "failed", "disabled", false),
      (.none, false, "inactive", "static", true), (.none, false, "inactive", "enabled", false),
      (.none, false, "activating", "enabled", true), (.none, true, "inactive", "disabled", true),
    ] as [(UnitFacts.LastRun, Bool, String, String, Bool)])
  func oneshots(run: UnitFacts.LastRun, remains: Bool, active: String, enablement: String, isUp: Bool) {
    let facts = NeighbourTests.facts {
      $0.serviceType = "oneshot"
      $0.lastRun = run
      $0.remainsAfterExit = remains
    }
    #expect(facts.isUp(UnitState(unit: "o.service", load: "loaded", active: active, enablement: enablement)) == isUp)
  }

  @Test(
    "leave to its trigger what a trigger starts",
    arguments: [
      ("simple", "a.timer", .asFound), ("oneshot", "a.path", .asFound), ("oneshot", "a.socket", .asFound),
      ("simple", "a.socket", .running), ("oneshot", nil, .running),
    ] as [(String, String?, DesiredState.Unit.Target)])
  func triggered(type: String, trigger: String?, target: DesiredState.Unit.Target) {
    let facts = NeighbourTests.facts {
      $0.serviceType = type
      $0.triggeredBy = trigger.map { [$0] } ?? []
    }
    #expect(facts.standardTarget == target)
  }

  @Test("come after a reload where the manager has an older unit file")
  func reload() {
    let plan = plan(.inOrder, ["b.service": NeighbourTests.facts { $0.needsReload = true }])
    #expect(
      plan.steps.first { $0.action == .reloadManager }?.reason
        == "the manager has an older unit file of b.service than is on disk")
  }
}
