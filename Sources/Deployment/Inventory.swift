/// What is on the host, of everything that a plan may touch.
package struct Inventory: Sendable, Hashable {
  /// By path.
  package var files: [String: FileState]
  /// By unit name.
  package var units: [String: UnitState]
  /// The names in each folder that may have to be removed, by its path; none for one that does not exist.
  package var folders: [String: [String]] = [:]
  /// What belongs to the units in addition to what a manifest names; the states are among the files.
  package var companions: [UnitArtifact] = []
  /// What systemd knows of the units beyond their state: of those of the manifest, and of all that stop with them, start
  /// them or conflict with them.
  package var facts: [String: UnitFacts] = [:]
  /// Who uses each path that may change, by path; units of no manifest included.
  package var uses: [String: [PathUse]] = [:]
  /// The folders above trees, or the nearest ones that exist, by the path of the folder.
  package var above: [String: FileState] = [:]
  /// The symlinks that are as the installed release brought them.
  package var ownLinks: Set<String> = []

  package init(files: [String: FileState], units: [String: UnitState]) {
    self.files = files
    self.units = units
  }

  package func file(_ path: String) -> FileState { files[path] ?? .absent }
  /// What is at the paths of a desired state.
  package func files(of desired: DesiredState) -> [String: FileState] {
    Dictionary(desired.files.map { ($0.path, file($0.path)) }) { first, _ in first }
  }
  /// How long a unit may take to become ready: as said, or else as its own unit file says.
  package func ready(_ unit: DesiredState.Unit) -> Duration { unit.ready ?? (facts[unit.unit] ?? .unknown).ready }
  /// How long a unit may take to stop: as said, or else as its own unit file says.
  package func stop(_ unit: DesiredState.Unit) -> Duration { unit.stop ?? (facts[unit.unit] ?? .unknown).stop }
  package func unit(_ name: String) -> UnitState {
    units[name] ?? UnitState(unit: name, load: "not-found", active: "inactive")
  }
}

/// A unit as the service manager reports it, in its own words.
package struct UnitState: Sendable, Hashable, Codable {
  package var unit: String
  /// `loaded`, `not-found`, `masked`, `bad-setting`, `error` …
  package var load: String
  /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
  package var active: String
  package var sub: String
  /// `enabled`, `disabled`, `static`, `masked` …; empty where there is no unit file.
  package var enablement: String
  /// The unit file, where there is one.
  package var fragment: String?
  /// The drop-ins in force, in the manager's order.
  package var dropIns: [String]

  package init(
    unit: String, load: String, active: String, sub: String = "", enablement: String = "", fragment: String? = nil,
    dropIns: [String] = []
  ) {
    self.unit = unit
    self.load = load
    self.active = active
    self.sub = sub
    self.enablement = enablement
    self.fragment = fragment
    self.dropIns = dropIns
  }

  package var exists: Bool { load != "not-found" }
  package var masked: Bool { load == "masked" || enablement.hasPrefix("masked") }
  /// Whether it has failed, or crashes again and again.
  package var ails: Bool { active == "failed" || (active == "activating" && sub == "auto-restart") }
  /// Whether a generator has made its unit file.
  package var isGenerated: Bool { fragment?.hasPrefix("/run/systemd/generator") ?? false }
  /// Whether the unit is up or about to be; a rollback restores this.
  package var running: Bool { ["active", "activating", "reloading"].contains(active) }
  /// Whether it is in a state in which systemd reloads it.
  package var takesReload: Bool { ["active", "reloading"].contains(active) }
  /// Whether it is up and could be started again.
  package var starts: Bool { running && !masked }
  /// Whether nothing of it runs.
  package var stopped: Bool { ["inactive", "failed"].contains(active) }
}

/// A file that belongs to a unit although no manifest names it: it is backed up, and a rollback restores it. It may be
/// absent, where its absence means something.
package struct UnitArtifact: Sendable, Hashable {
  /// What the unit uses it for.
  package enum Role: String, Sendable, Hashable, Codable {
    case unitFile = "unit-file"
    case dropIn = "drop-in"
    /// What an `EnvironmentFile=` names; always secret.
    case environment
    /// A symlink by which the unit starts at boot or has another name.
    case link
    /// The symlink to `/dev/null` that keeps the unit from being started.
    case mask

    /// Whether processes are started by what it contains.
    var concernsProcess: Bool {
      switch self {
      case .unitFile, .dropIn, .environment: true
      case .link, .mask: false
      }
    }
  }

  package var path: String
  /// The manifest's unit that it belongs to.
  package var unit: String
  package var role: Role

  package init(path: String, unit: String, role: Role) {
    self.path = path
    self.unit = unit
    self.role = role
  }

  /// Whether its location makes it the unit's. A file that a unit only names may be older than the unit.
  var belongsByLocation: Bool { role != .environment && UnitFolders.contain(path) }

  /// The folder that systemd has only for such files, and that is removed with the last of them.
  package var folder: String? { Self.folder(of: path) }

  static func folder(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    let folder = String(path[..<slash])
    return [".d", ".wants", ".requires", ".upholds"].contains(where: folder.hasSuffix) ? folder : nil
  }
}
