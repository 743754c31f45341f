import Deployment
import Testing

@Suite("What belongs to a unit whatever a manifest says")
struct UnitArtifactTests {
  static let dropIn = "/etc/systemd/system/a.service.d/x.conf"
  static let link = "/etc/systemd/system/multi-user.target.wants/a.service"
  static let mask = "/etc/systemd/system/a.service"
  static let environment = "/etc/a.env"

  static func toDevNull() -> FileState {
    var state = FileState(.symlink)
    state.link = "/dev/null"
    return state
  }

  static func inventory(
    _ files: [String: FileState] = [:], _ companions: [(String, UnitArtifact.Role)] = [],
    load: String = "loaded",
    active: String = "active"
  ) -> Inventory {
    var inventory = Inventory(
      files: files, units: ["a.service": UnitState(unit: "a.service", load: load, active: active)])
    inventory.companions = companions.map {
      UnitArtifact(path: $0.0, unit: "a.service", role: $0.1)
    }
    return inventory
  }

  /// A backup of a unit with these companions.
  static func backup(
    _ entries: [(String, UnitArtifact.Role?, FileState)], load: String = "loaded",
    active: String = "active"
  ) -> BackupRecord {
    BackupRecord(
      name: "test", stamp: Stamp(seconds: 0), host: "here", user: "me", reason: "",
      entries: entries.map {
        BackupRecord.Entry(path: $0.0, unit: "a.service", role: $0.1, secret: false, state: $0.2)
      },
      absentFolders: [],
      units: [
        BackupRecord.Unit(state: UnitState(unit: "a.service", load: load, active: active), ready: 1, stop: 1)
      ],
      groups: [], installed: nil, verified: true)
  }

  private func names(_ record: BackupRecord, _ inventory: Inventory) -> [String] {
    Planner().plan(from: inventory, to: record.desired(contents: "/store")).steps.map { $0.action.description }
  }

  static let old = PlannerTests.content("old")
  static let new = PlannerTests.content("new")
  static let restarted = ["reset-failed a.service", "start a.service"]

  @Test(
    "restarts its unit and reloads the manager as what it is asks for",
    arguments: [
      (dropIn, .dropIn, ["stop a.service", "install \(dropIn)", "reload the service manager"] + restarted),
      (environment, .environment, ["stop a.service", "install \(environment)"] + restarted),
      (
        "/srv/a.service", .unitFile,
        ["stop a.service", "install /srv/a.service", "reload the service manager"] + restarted
      ),
      (link, .link, ["install \(link)", "reload the service manager"]),
    ] as [(String, UnitArtifact.Role, [String])])
  func consequences(path: String, role: UnitArtifact.Role, steps: [String]) {
    let record = Self.backup([(path, role, Self.old)])
    #expect(names(record, Self.inventory([path: Self.new], [(path, role)])) == steps)
    #expect(names(record, Self.inventory([path: Self.old], [(path, role)])) == [])
  }

  @Test(
    "goes with a rollback where it has come since, unless the unit only names it or the backup knows nothing of such",
    arguments: [
      (dropIn, .dropIn, true, true), (link, .link, true, true), (environment, .environment, true, false),
      ("/srv/a.service", .unitFile, true, false), (dropIn, .dropIn, false, false),
    ] as [(String, UnitArtifact.Role, Bool, Bool)])
  func since(path: String, role: UnitArtifact.Role, isKnown: Bool, goes: Bool) {
    let inventory = Self.inventory([path: Self.new], [(path, role)])
    let tombstone = (
      "/usr/local/lib/systemd/system/a.service", isKnown ? UnitArtifact.Role.unitFile : nil,
      FileState.absent
    )
    let record = Self.backup([tombstone]).completed(in: inventory)
    #expect(names(record, inventory).contains("remove \(path)") == goes)
    #expect(record.entries.contains { $0.path == path && !$0.state.exists } == goes)
  }

  @Test("takes the folder that was made for it along, and no folder that something is left in")
  func folders() {
    let inventory = Self.inventory(
      [Self.dropIn: Self.new, Self.link: Self.new], [(Self.dropIn, .dropIn), (Self.link, .link)])
    let other = "/etc/systemd/system/a.service.d/y.conf"
    let record = Self.backup([(other, .dropIn, Self.old)]).completed(in: inventory)
    let folder = "/etc/systemd/system/multi-user.target.wants"
    #expect(record.desired(contents: "/store").emptyFolders == [folder])
    for (names, goes) in [
      (["a.service"], true), (["a.service", "b.service"], false), (nil, false),
    ] {
      var inventory = inventory
      inventory.folders[folder] = names
      #expect(self.names(record, inventory).contains("remove folder \(folder) if empty") == goes)
    }
  }

  @Test("is left to whoever changed it during a transaction that did not, when that is undone")
  func undo() {
    let now = Self.inventory(
      [Self.dropIn: Self.new, Self.environment: Self.new, Self.link: Self.new, "/bin/a": Self.new],
      [(Self.dropIn, .dropIn), (Self.environment, .environment), (Self.link, .link)])
    let record = Self.backup([
      ("/bin/a", nil, Self.old), (Self.dropIn, .dropIn, Self.old), (Self.environment, .environment, Self.old),
    ])
    #expect(record.undoing(["/bin/a"], in: now).entries.map(\.path) == ["/bin/a"])
    #expect(record.undoing([Self.dropIn], in: now).entries.map(\.path) == ["/bin/a", Self.dropIn])
  }

  @Test("goes with the undo of a first deploy where it enabled the unit, and not where somebody added to it")
  func undoOfFirst() {
    let now = Self.inventory(
      [Self.dropIn: Self.new, Self.link: Self.new], [(Self.dropIn, .dropIn), (Self.link, .link)])
    let record = Self.backup([], load: "not-found", active: "inactive").undoing([], in: now)
    #expect(record.entries.map(\.path) == [Self.link] && record.entries.allSatisfy { !$0.state.exists })
  }

  @Test("masks a unit again, stops it, and does not start it")
  func masked() {
    let record = Self.backup([(Self.mask, .mask, Self.toDevNull())], load: "masked", active: "inactive")
    #expect(
      names(record, Self.inventory([Self.mask: Self.old])) == [
        "stop a.service", "install \(Self.mask)", "reload the service manager",
      ])
  }

  @Test("leaves a masked unit that runs all the same alone")
  func maskedAndRunning() {
    let record = Self.backup([(Self.mask, .mask, Self.toDevNull())], load: "masked")
    #expect(names(record, Self.inventory([Self.mask: Self.toDevNull()], load: "masked")) == [])
  }

  @Test("takes the links of a unit that a release no longer has, and nothing else of it")
  func leftover() {
    let inventory = Self.inventory(
      [Self.dropIn: Self.new, Self.link: Self.new], [(Self.dropIn, .dropIn), (Self.link, .link)])
    for (enablement, steps) in [
      (DesiredState.Unit.Enablement.never, ["stop a.service", "remove \(Self.link)", "reload the service manager"]),
      (.asFiles, ["stop a.service"]),
    ] {
      let unit = DesiredState.Unit(unit: "a.service", running: false, enablement: enablement)
      let desired = DesiredState(files: [], units: [unit]).unlinked(in: inventory)
      #expect(Planner().plan(from: inventory, to: desired).steps.map { $0.action.description } == steps)
    }
  }
}
