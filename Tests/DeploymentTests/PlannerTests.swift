import Deployment
import Testing

@Suite("A plan")
struct PlannerTests {
  static func content(_ digest: String, mode: UInt32 = 0o755) -> FileState {
    var state = FileState(.file)
    state.sha256 = digest
    state.mode = mode
    state.owner = 0
    state.group = 0
    return state
  }

  static func file(_ path: String, _ unit: String, _ state: FileState, keep: Bool = false) -> DesiredState.File {
    DesiredState.File(path: path, unit: unit, state: state, origin: "/release" + path, keep: keep)
  }

  static func unit(_ name: String, running: Bool = true) -> DesiredState.Unit {
    DesiredState.Unit(unit: name, running: running, enablement: .whenNew)
  }

  static func up(_ unit: String) -> UnitState {
    UnitState(unit: unit, load: "loaded", active: "active", enablement: "enabled")
  }

  /// Two units, each with a binary, as they are on the host and as the release has them.
  let inventory = Inventory(
    files: ["/bin/a": content("a1"), "/bin/b": content("b1")],
    units: ["a.service": up("a.service"), "b.service": up("b.service")])
  let release = DesiredState(
    files: [
      file("/bin/a", "a.service", content("a2")), file("/bin/b", "b.service", content("b2")),
    ],
    units: [unit("a.service"), unit("b.service")])

  private func names(_ plan: Plan) -> [String] { plan.steps.map { $0.action.description } }

  @Test("stops in reverse order, swaps, and starts in order")
  func order() {
    let plan = Planner().plan(from: inventory, to: release)
    #expect(
      names(plan) == [
        "stop b.service", "stop a.service", "install /bin/a", "install /bin/b", "reset-failed a.service",
        "start a.service", "reset-failed b.service", "start b.service",
      ])
    #expect(plan.steps.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("touches only what differs")
  func onlyChanged() {
    var release = release
    release.files[0].state = Self.content("a1")
    #expect(
      names(Planner().plan(from: inventory, to: release)) == [
        "stop b.service", "install /bin/b", "reset-failed b.service", "start b.service",
      ])
  }

  @Test("tells nothing of a secret's content, not even a part of its digest")
  func secret() {
    var release = release
    release.files[0].secret = true
    release.files[0].state.mode = 0o700
    let reason = Planner().plan(from: inventory, to: release).steps.first { $0.action.changedFile == "/bin/a" }?.reason
    #expect(reason == "content differs (secret, not shown), mode 0755 → 0700")
  }

  @Test("is empty when nothing differs")
  func nothing() {
    var release = release
    release.files = [Self.file("/bin/a", "a.service", Self.content("a1"))]
    #expect(Planner().plan(from: inventory, to: release).isEmpty)
  }

  @Test("takes a difference of mode alone for a difference")
  func mode() {
    var release = release
    release.files = [Self.file("/bin/a", "a.service", Self.content("a1", mode: 0o700))]
    let plan = Planner().plan(from: inventory, to: release)
    #expect(plan.steps.first { $0.action.description == "install /bin/a" }?.reason == "mode 0755 → 0700")
  }

  @Test("starts a unit that should be up and is not, with nothing else to do")
  func startsStopped() {
    var inventory = inventory
    inventory.units["a.service"]?.active = "failed"
    var release = release
    release.files = []
    #expect(
      names(Planner().plan(from: inventory, to: release)) == [
        "reset-failed a.service", "start a.service",
      ])
  }

  @Test("restarts what it is told to restart")
  func restart() {
    var release = release
    release.files = []
    let plan = Planner(restart: ["a.service"]).plan(from: inventory, to: release)
    #expect(names(plan) == ["stop a.service", "reset-failed a.service", "start a.service"])
  }

  @Test("keeps to the units that were named")
  func only() {
    let plan = Planner(only: ["b.service"]).plan(from: inventory, to: release)
    #expect(names(plan).allSatisfy { !$0.contains("a.service") && !$0.contains("/bin/a") })
    #expect(names(plan).contains("install /bin/b"))
  }

  @Test("reloads the manager exactly when a unit file changes")
  func reload() {
    var release = release
    release.files.append(Self.file("/etc/systemd/system/a.service", "a.service", Self.content("u")))
    let steps = names(Planner().plan(from: inventory, to: release))
    #expect(steps.count { $0 == "reload the service manager" } == 1)
    #expect(!names(Planner().plan(from: inventory, to: self.release)).contains("reload the service manager"))
  }

  @Test("enables a unit that is new and leaves the others' enablement alone")
  func enablement() {
    var inventory = inventory
    inventory.units["b.service"] = nil
    let steps = names(Planner().plan(from: inventory, to: release))
    #expect(steps.contains("enable b.service") && !steps.contains("enable a.service"))
    #expect(!steps.contains("stop b.service"))
  }

  @Test("going back stops what did not run and takes away what was not there")
  func back() {
    let desired = DesiredState(
      files: [Self.file("/bin/a", "a.service", .absent)],
      units: [DesiredState.Unit(unit: "a.service", running: false, enablement: .asFiles)], emptyFolders: ["/bin"])
    var inventory = inventory
    inventory.folders["/bin"] = ["a"]
    #expect(
      names(Planner().plan(from: inventory, to: desired)) == [
        "stop a.service", "remove /bin/a", "remove folder /bin if empty",
      ])
    inventory.folders["/bin"] = ["a", "of somebody else"]
    #expect(names(Planner().plan(from: inventory, to: desired)) == ["stop a.service", "remove /bin/a"])
  }

  @Test("does not overwrite the host's own file, and installs it where it is absent")
  func keep() {
    var release = release
    release.files = [Self.file("/bin/a", "a.service", Self.content("a2"), keep: true)]
    let plan = Planner().plan(from: inventory, to: release)
    #expect(plan.isEmpty && plan.kept == ["/bin/a"])
    var bare = inventory
    bare.files = [:]
    #expect(names(Planner().plan(from: bare, to: release)).contains("install /bin/a"))
  }
}
