import Deployment
import Testing

@Suite("A unit is affected")
struct AffectedUnitsTests {
  /// a lists the file, b and c use it, d does not; an outsider uses it too.
  static let library = "/srv/app/lib.py"

  static func inventory(_ units: [String] = ["a", "b", "c", "d"]) -> Inventory {
    let names = units.map { $0 + ".service" }
    var inventory = Inventory(
      files: [library: PlannerTests.content("1")],
      units: Dictionary(uniqueKeysWithValues: names.map { ($0, PlannerTests.up($0)) }))
    inventory.uses[library] = [
      PathUse(unit: "b.service", how: "which its PYTHONPATH= leads to"),
      PathUse(unit: "c.service", how: "which its process 7 has mapped"),
    ]
    return inventory
  }

  static func desired(_ units: [String] = ["a", "b", "c", "d"], digest: String = "2") -> DesiredState {
    DesiredState(
      files: [PlannerTests.file(library, "a.service", PlannerTests.content(digest))],
      units: units.map { PlannerTests.unit($0 + ".service") })
  }

  private func reasons(_ plan: Plan) -> [String: String] {
    plan.steps.reduce(into: [:]) { reasons, step in
      if case .start(let unit, _) = step.action { reasons[unit] = step.reason }
    }
  }

  @Test("by a file that it lists and by one that it uses, and the plan says how")
  func uses() {
    let plan = Planner().plan(from: Self.inventory(), to: Self.desired())
    #expect(
      reasons(plan) == [
        "a.service": "/srv/app/lib.py changes",
        "b.service": "/srv/app/lib.py changes, which its PYTHONPATH= leads to",
        "c.service": "/srv/app/lib.py changes, which its process 7 has mapped",
      ])
    #expect(plan.stops == ["c.service", "b.service", "a.service"])
    #expect(plan.warnings == [])
  }

  @Test("not by a file that does not change")
  func unchanged() {
    #expect(Planner().plan(from: Self.inventory(), to: Self.desired(digest: "1")).isEmpty)
  }

  @Test("by a file that was put there by hand after it had started, and by none that a rollback did not touch")
  func outdated() {
    var inventory = Self.inventory()
    inventory.uses[Self.library]?[0].isOutdated = true
    let plan = Planner(renews: true).plan(from: inventory, to: Self.desired(digest: "1"))
    let reason = "it started before /srv/app/lib.py, which its PYTHONPATH= leads to, was last written"
    #expect(reasons(plan) == ["b.service": reason])
    #expect(plan.stops == ["b.service"])
    #expect(Planner().plan(from: inventory, to: Self.desired(digest: "1")).isEmpty)
    var kept = Self.desired(digest: "1")
    kept.files[0].keep = true
    #expect(Planner(renews: true).plan(from: inventory, to: kept).isEmpty)
    var left = Self.desired(digest: "1")
    left.files[0].restarts = ["c.service"]
    #expect(Planner(renews: true).plan(from: inventory, to: left).isEmpty)
  }

  @Test("although only another one was chosen, since its processes would run the old file")
  func only() {
    let plan = Planner(only: ["a.service"]).plan(from: Self.inventory(), to: Self.desired())
    #expect(plan.starts == ["a.service", "b.service", "c.service"])
  }

  @Test("by an environment file of the host that a rollback brings back, also where another unit shares it")
  func sharedArtifact() {
    var inventory = Self.inventory()
    inventory.files = ["/etc/app.env": PlannerTests.content("new")]
    inventory.uses = ["/etc/app.env": [PathUse(unit: "d.service", how: "its environment file")]]
    var desired = Self.desired()
    desired.files = [
      DesiredState.File(
        path: "/etc/app.env", unit: "a.service", role: .environment, state: PlannerTests.content("old"))
    ]
    #expect(Planner().plan(from: inventory, to: desired).starts == ["a.service", "d.service"])
  }

  @Test("only where the manifest's restarts names it, and the plan names those that are left out")
  func restarts() {
    var desired = Self.desired()
    desired.files[0].restarts = ["c.service", "d.service"]
    let plan = Planner().plan(from: Self.inventory(), to: desired)
    #expect(
      reasons(plan) == [
        "c.service": "/srv/app/lib.py changes, which its process 7 has mapped",
        "d.service": "/srv/app/lib.py changes, for which the manifest restarts it",
      ])
    #expect(plan.warnings == ["b.service uses /srv/app/lib.py and is not restarted for it ('restarts:')"])
  }

  @Test("never where it is in no manifest: that is a warning, and only while it runs")
  func outsider() {
    var inventory = Self.inventory()
    inventory.uses[Self.library]? += [
      PathUse(unit: "x.service", how: "which its ExecStart= names"),
      PathUse(unit: "y.service", how: "which its ExecStart= names", isRunning: false),
    ]
    let plan = Planner().plan(from: inventory, to: Self.desired())
    #expect(
      plan.warnings == [
        "x.service is running, is not in the manifest and uses /srv/app/lib.py, which its ExecStart= names; "
          + "restart it yourself"
      ])
    #expect(!plan.stops.contains("x.service"))
  }

  @Test(
    "and then is what its target says",
    arguments: [
      (.running, "active", ["stop", "start"]), (.running, "inactive", ["start"]), (.running, "failed", ["start"]),
      (.asFound, "active", ["stop", "start"]), (.asFound, "inactive", []), (.asFound, "failed", []),
      (.stopped, "active", ["stop"]), (.stopped, "inactive", []), (nil, "active", ["stop", "start"]),
    ] as [(DesiredState.Unit.Target?, String, [String])])
  func targets(target: DesiredState.Unit.Target?, active: String, steps: [String]) {
    var inventory = Self.inventory(["a"])
    inventory.units["a.service"]?.active = active
    var desired = Self.desired(["a"])
    desired.units[0].target = target
    let plan = Planner().plan(from: inventory, to: desired)
    #expect(plan.steps.compactMap { Self.kind($0.action) } == steps)
  }

  @Test("with nothing changed, a unit that should be stopped stops, and one that is as found is left alone")
  func unaffected() {
    var desired = Self.desired(digest: "1")
    desired.units[0].target = .stopped
    desired.units[1].target = .asFound
    var inventory = Self.inventory()
    inventory.units["b.service"]?.active = "failed"
    let plan = Planner().plan(from: inventory, to: desired)
    #expect(plan.steps.map { $0.action.description } == ["stop a.service"])
  }

  @Test("with processes that its KillMode leaves, and the plan warns of them")
  func killMode() {
    var inventory = Self.inventory()
    inventory.facts["a.service"] = UnitFacts()
    inventory.facts["a.service"]?.killMode = "process"
    #expect(
      Planner().plan(from: inventory, to: Self.desired()).warnings == [
        "processes of a.service that its KillMode=process leaves keep using the old files"
      ])
  }

  static func kind(_ action: Plan.Action) -> String? {
    switch action {
    case .wait: "wait"
    case .stop: "stop"
    case .start: "start"
    default: nil
    }
  }
}
