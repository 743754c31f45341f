import Deployment
import Testing

@Suite("What hangs together with an affected unit")
struct NeighbourTests {
  /// One unit, a.service, whose program changes; and what else is up.
  static func inventory(_ others: [String] = [], _ facts: [String: UnitFacts] = [:]) -> Inventory {
    let units = ["a.service"] + others
    var inventory = Inventory(
      files: ["/bin/a": PlannerTests.content("1")],
      units: Dictionary(uniqueKeysWithValues: units.map { ($0, PlannerTests.up($0)) }))
    inventory.facts = facts
    return inventory
  }

  static func desired(_ units: [String] = ["a.service"]) -> DesiredState {
    DesiredState(
      files: [PlannerTests.file("/bin/a", "a.service", PlannerTests.content("2"))],
      units: units.map { DesiredState.Unit(unit: $0, target: nil, enablement: .whenNew) })
  }

  static func facts(_ change: (inout UnitFacts) -> Void) -> UnitFacts {
    var facts = UnitFacts()
    change(&facts)
    return facts
  }

  /// The steps without files and resets; `+` before one that is done at the same time as the one before it.
  static func steps(_ plan: Plan) -> [String] {
    plan.steps.filter { AffectedUnitsTests.kind($0.action) != nil }
      .map { ($0.isConcurrent ? "+" : "") + $0.action.description }
  }

  @Test("is the service of a socket that changes: it is down while the socket starts, listed or not")
  func sockets() {
    var inventory = Self.inventory(
      ["a.socket", "idle.service"],
      ["a.socket": Self.facts { $0.listensFor = ["a.service", "idle.service"] }])
    inventory.files["/s"] = PlannerTests.content("1")
    inventory.units["idle.service"]?.active = "inactive"
    let file = PlannerTests.file("/s", "a.socket", PlannerTests.content("2"))
    for listed in [["a.socket"], ["a.socket", "a.service"]] {
      let desired = DesiredState(
        files: [file], units: listed.map { DesiredState.Unit(unit: $0, target: nil, enablement: .whenNew) })
      let plan = Planner().plan(from: inventory, to: desired)
      #expect(Set(plan.stops) == ["a.socket", "a.service"], "\(listed)")
      #expect(plan.starts == ["a.socket", "a.service"], "\(listed)")
    }
  }

  @Test("stops before it and is back after it, however far away, and nothing else does")
  func neighbours() {
    let plan = Planner().plan(
      from: Self.inventory(
        ["req.service", "far.service", "part.service", "up.service"],
        [
          "a.service": Self.facts {
            $0.dependents = [
              "req.service": .requires, "part.service": .partOf, "down.service": .bindsTo, "up.service": .upholds,
            ]
          },
          "req.service": Self.facts { $0.dependents = ["far.service": .bindsTo] },
          "far.service": Self.facts { $0.dependents = ["a.service": .requires] },
        ]), to: Self.desired())
    #expect(
      Self.steps(plan) == [
        "stop part.service", "+stop req.service", "+stop up.service", "+stop far.service", "stop a.service",
        "start a.service", "start part.service", "+start req.service", "+start up.service", "+start far.service",
      ])
    #expect(plan.others == ["part.service", "req.service", "up.service", "far.service"])
    let reasons = plan.steps.filter { AffectedUnitsTests.kind($0.action) == "stop" }.map(\.reason)
    #expect(
      reasons == [
        "it stops with a.service (PartOf=)", "it stops with a.service (Requires=)",
        "it would start a.service again (Upholds=)", "it stops with req.service (BindsTo=)", "/bin/a changes",
      ])
  }

  @Test("of the manifest stops and starts in its place there")
  func inside() {
    let plan = Planner().plan(
      from: Self.inventory(
        ["web.service", "last.service"], ["a.service": Self.facts { $0.dependents = ["web.service": .requires] }]),
      to: Self.desired(["a.service", "last.service", "web.service"]))
    #expect(Self.steps(plan) == ["stop web.service", "stop a.service", "start a.service", "start web.service"])
    #expect(plan.others.isEmpty && plan.touched.map(\.unit) == ["a.service", "web.service"])
  }

  @Test("is left alone where the unit is down and only starts")
  func down() {
    var inventory = Self.inventory(
      ["req.service"], ["a.service": Self.facts { $0.dependents = ["req.service": .requires] }])
    inventory.units["a.service"]?.active = "failed"
    #expect(Self.steps(Planner().plan(from: inventory, to: Self.desired())) == ["start a.service"])
  }

  @Test("is a trigger: paused first, a socket back before its service and the others after it")
  func triggers() {
    let plan = Planner().plan(
      from: Self.inventory(
        ["a.socket", "a.path", "soon.timer", "late.timer", "once.timer"],
        [
          "a.service": Self.facts {
            $0.triggeredBy = ["a.socket", "a.path", "soon.timer", "late.timer", "once.timer", "off.timer"]
          },
          "soon.timer": Self.facts { $0.nextRun = .seconds(3) },
          "late.timer": Self.facts { $0.nextRun = .seconds(3600) },
          "off.timer": Self.facts { $0.nextRun = .seconds(3) },
        ]), to: Self.desired())
    // What a timer or a path triggers is as found.
    #expect(
      Self.steps(plan) == [
        "stop a.path", "+stop a.socket", "+stop soon.timer", "stop a.service", "start a.socket", "start a.service",
        "start a.path", "+start soon.timer",
      ])
    #expect(plan.warnings == ["connections to a.socket are refused while it is paused"])
    #expect(plan.others == ["a.path", "a.socket", "soon.timer"])
  }

  @Test("is a trigger also where the unit is down and stays down")
  func triggerOfDown() {
    var inventory = Self.inventory(
      ["a.timer"],
      [
        "a.service": Self.facts {
          $0.serviceType = "oneshot"
          $0.triggeredBy = ["a.timer"]
        }, "a.timer": Self.facts { $0.nextRun = .seconds(1) },
      ])
    inventory.units["a.service"]?.active = "inactive"
    #expect(Self.steps(Planner().plan(from: inventory, to: Self.desired())) == ["stop a.timer", "start a.timer"])
  }

  @Test("is a oneshot that runs: it is waited for, before anything stops")
  func running() {
    func plan(stop: Duration?, triggered: Bool) -> Plan {
      var inventory = Self.inventory(
        [],
        [
          "a.service": Self.facts {
            $0.serviceType = "oneshot"
            $0.stopTimeout = .seconds(70)
            $0.triggeredBy = triggered ? ["a.timer"] : []
          }
        ])
      inventory.units["a.service"]?.active = "activating"
      var desired = Self.desired()
      desired.units[0].stop = stop
      return Planner().plan(from: inventory, to: desired)
    }
    let own = plan(stop: nil, triggered: true)
    #expect(Self.steps(own) == ["wait for a.service", "stop a.service"])
    #expect(own.steps.first?.action == .wait(unit: "a.service", within: .seconds(70)))
    #expect(own.steps.first?.reason == "it is running now, and /bin/a changes")
    let given = plan(stop: .seconds(5), triggered: false)
    #expect(Self.steps(given) == ["wait for a.service", "stop a.service", "start a.service"])
    #expect(given.steps.first?.action == .wait(unit: "a.service", within: .seconds(5)))
  }

  @Test("refuses the plan where it cannot be stopped or started by hand, before anything is touched")
  func refusals() {
    let stop = Planner().plan(
      from: Self.inventory([], ["a.service": Self.facts { $0.refusesManualStop = true }]), to: Self.desired())
    #expect(
      stop.refusals == [
        "a.service must be stopped and its unit file refuses that (RefuseManualStop=yes); remove that line first"
      ])
    let start = Planner().plan(
      from: Self.inventory(
        ["n.service"],
        [
          "a.service": Self.facts { $0.dependents = ["n.service": .requires] },
          "n.service": Self.facts { $0.refusesManualStart = true },
        ]), to: Self.desired())
    #expect(start.refusals.count == 1 && start.refusals[0].contains("n.service must be started"))
  }

  @Test("conflicts with what starts: the plan says that it stops")
  func conflicts() {
    var inventory = Self.inventory(["x.service"], ["a.service": Self.facts { $0.conflicts = ["x.service"] }])
    inventory.units["a.service"]?.active = "inactive"
    let plan = Planner().plan(from: inventory, to: Self.desired())
    #expect(plan.warnings == ["x.service stops when a.service starts, because they conflict (Conflicts=)"])
  }

  @Test("and was active before an interrupted transaction is active after its undo")
  func undo() {
    var inventory = Self.inventory(["was.socket", "is.service"])
    inventory.units["was.socket"]?.active = "inactive"
    var desired = Self.desired()
    desired.others = ["was.service", "was.socket", "is.service"]
    let plan = Planner().plan(from: inventory, to: desired)
    #expect(
      Self.steps(plan) == ["stop a.service", "start was.socket", "start a.service", "start was.service"])
    #expect(plan.others == ["was.service", "was.socket"])
  }
}
