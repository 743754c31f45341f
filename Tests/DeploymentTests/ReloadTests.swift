import Deployment
import Testing

@Suite("A change that a reload takes in")
struct ReloadTests {
  private static func file(_ path: String, _ unit: String, reload: Bool) -> DesiredState.File {
    var file = PlannerTests.file(path, unit, PlannerTests.content("new", mode: 0o644))
    file.reload = reload
    return file
  }

  /// Unit a has a program and two configurations, unit b uses the second of them.
  private let inventory: Inventory = {
    var inventory = Inventory(
      files: [:], units: ["a.service": PlannerTests.up("a.service"), "b.service": PlannerTests.up("b.service")])
    for path in ["/bin/a", "/etc/a", "/etc/c"] { inventory.files[path] = PlannerTests.content("old", mode: 0o644) }
    inventory.uses = ["/etc/c": [PathUse(unit: "b.service", how: "which its ExecStart= names")]]
    return inventory
  }()

  private func plan(_ files: [DesiredState.File], _ inventory: Inventory? = nil, restart: Set<String> = []) -> Plan {
    Planner(restart: restart).plan(
      from: inventory ?? self.inventory,
      to: DesiredState(files: files, units: [PlannerTests.unit("a.service"), PlannerTests.unit("b.service")]))
  }

  private func names(_ plan: Plan) -> [String] { plan.steps.map { $0.action.description } }

  @Test("reloads the unit and stops nothing")
  func alone() {
    let plan = plan([Self.file("/etc/a", "a.service", reload: true)])
    #expect(names(plan) == ["install /etc/a", "reload a.service"])
    #expect(plan.steps.last?.reason == "/etc/a changes")
    #expect(plan.touched.isEmpty && plan.reloads == ["a.service"] && plan.longest == .seconds(90))
  }

  @Test("restarts the unit where another file of it changes too")
  func both() {
    let plan = plan([
      Self.file("/etc/a", "a.service", reload: true), Self.file("/bin/a", "a.service", reload: false),
    ])
    #expect(plan.stops == ["a.service"] && plan.starts == ["a.service"] && plan.reloads.isEmpty)
    #expect(plan.steps.first?.reason == "/bin/a changes")
  }

  @Test("restarts another unit that uses the file")
  func otherUser() {
    let plan = plan([Self.file("/etc/c", "a.service", reload: true)])
    #expect(plan.reloads == ["a.service"] && plan.stops == ["b.service"] && plan.starts == ["b.service"])
  }

  @Test("reloads every unit that uses a file that no unit owns")
  func shared() {
    let plan = plan([Self.file("/etc/c", "", reload: true)])
    #expect(names(plan) == ["install /etc/c", "reload b.service"])
  }

  @Test("starts a unit that is down, and restarts one that is asked to or that crashes", arguments: [0, 1, 2])
  func notUp(_ number: Int) {
    var inventory = inventory
    if number == 0 { inventory.units["a.service"]?.active = "inactive" }
    if number == 1 { inventory.units["a.service"]?.active = "activating" }
    let plan = plan(
      [Self.file("/etc/a", "a.service", reload: true)], inventory, restart: number == 2 ? ["a.service"] : [])
    #expect(plan.starts == ["a.service"] && plan.reloads.isEmpty, "\(names(plan))")
  }

  @Test("restarts on the way back")
  func wayBack() {
    var planner = Planner()
    planner.takesReloads = false
    let plan = planner.plan(
      from: inventory,
      to: DesiredState(
        files: [Self.file("/etc/a", "a.service", reload: true)], units: [PlannerTests.unit("a.service")]))
    #expect(plan.stops == ["a.service"] && plan.starts == ["a.service"] && plan.reloads.isEmpty)
  }

  @Test("was taken in by processes that are older than the file")
  func older() {
    var inventory = inventory
    inventory.files["/etc/a"] = PlannerTests.content("new", mode: 0o644)
    inventory.uses["/etc/a"] = [PathUse(unit: "a.service", how: "an argument", isOutdated: true)]
    for reload in [true, false] {
      let plan = Planner(renews: true).plan(
        from: inventory,
        to: DesiredState(
          files: [Self.file("/etc/a", "a.service", reload: reload)], units: [PlannerTests.unit("a.service")]))
      #expect(plan.isEmpty == reload)
    }
  }

  @Test("comes after the migration, which comes after the files")
  func migration() {
    var hooks = Manifest.Hooks()
    hooks.prepare = Manifest.Hook(run: ["/p"], within: .seconds(7))
    hooks.migrate = Manifest.Hook(run: ["/m"], undo: ["/u"], within: .seconds(10))
    let files = [Self.file("/etc/a", "a.service", reload: true), Self.file("/etc/c", "b.service", reload: false)]
    let plan = plan(files).adding(hooks)
    #expect(
      names(plan) == [
        "stop b.service", "install /etc/a", "install /etc/c", "run hook migrate", "reload a.service",
        "reset-failed b.service", "start b.service",
      ])
    #expect(plan.prepare == .seconds(7) && plan.finished == nil)
    // The migration, and two tries to take it back.
    #expect(plan.longest == self.plan(files).longest + .seconds(30))
    #expect(self.plan([]).adding(hooks) == self.plan([]))
  }

  @Test("is taken back before the old files return")
  func undo() {
    let call = HookCall(
      .undo, run: ["./u"], in: "/r", within: .seconds(5),
      input: HookInput(.undo, name: "n", command: "c", user: "u", files: [], units: []), scope: "s")
    let plan = plan([Self.file("/etc/c", "b.service", reload: false)]).undoing(call)
    #expect(
      names(plan).prefix(3) == ["stop b.service", "run hook migrate's undo", "install /etc/c"])
    #expect(names(self.plan([]).undoing(call)) == ["run hook migrate's undo"])
  }
}
