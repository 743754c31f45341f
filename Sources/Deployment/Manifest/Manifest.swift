package import Basics

/// What a release asks for: the services, their files, and how it is proved that they work. The decoded `qtctl.yaml`.
///
/// Paths of sources and of the backup store are as written; they are relative to the folder of the manifest.
package struct Manifest: Sendable, Hashable {
  /// Names the group of services; a host may carry several manifests, each with its own name.
  package var name: String
  /// The release's own word for itself. A release is known by it and by the digest of its content.
  package var version: String?
  /// How the services stop and start.
  package var start = DesiredState.StartOrder.inOrder
  /// Files that no single service owns; a change restarts every unit that uses them, or those that `restarts` names.
  package var files: [File] = []
  /// In start order; stopping is the reverse.
  package var services: [Service]
  package var backups = Backups()
  package var rollback = Rollback()
  /// `redis://[user:password@]host:port/db` or `unix:///path?db=0`, as written; `nil` where the manifest names none.
  package var redis: String?
  package var verify = Verify()
  /// Programs that are part of a deploy.
  package var hooks = Hooks()
  /// What becomes of the release after it was verified; `nil`: nothing, unless somebody asks for it.
  package var watch: Watch?

  package init(name: String, version: String? = nil, services: [Service]) {
    self.name = name
    self.version = version
    self.services = services
  }

  /// The targets whose change alone reloads a unit.
  package var reloadedTargets: Set<String> {
    Set((files + services.flatMap(\.files)).filter(\.reload).map(\.target))
  }

  /// The units whose failed checks only warn.
  package var lenientUnits: Set<String> { Set(services.filter { $0.severity == .warn }.map(\.unit)) }

  /// Where Redis is looked for when the manifest has checks that need it and names none.
  package static let defaultRedis = "redis://127.0.0.1:6379/0"

  /// The address of Redis, or `nil` where nothing in this manifest concerns Redis.
  package var effectiveRedis: String? {
    redis ?? (verify.concernsRedis ? Self.defaultRedis : nil)
  }

  package struct Backups: Sendable, Hashable {
    package var directory = "../backups"
    /// How many unpinned backups retention keeps; at least 1.
    package var keep = 10
    package init() {}
  }

  package struct Rollback: Sendable, Hashable {
    /// The time in which a rollback must have reached health.
    package var deadline: Duration = .seconds(120)
    package init() {}
  }
}

extension Manifest {
  /// One systemd unit and the files that belong to it.
  package struct Service: Sendable, Hashable {
    /// The unit's full name, such as `quantum-execution.service`.
    package var unit: String
    package var files: [File] = []
    /// What becomes of the unit; `nil`: it runs, or is left as it was found where a timer, a path or a socket starts it.
    package var state: DesiredState.Unit.Target?
    /// How long the unit may take to become active; `nil`: as its unit file says (`TimeoutStartSec=`).
    package var ready: Duration?
    /// The grace between SIGTERM and SIGKILL; `nil`: as its unit file says (`TimeoutStopSec=`).
    package var stop: Duration?
    /// What it means when the unit is not up, stable or current.
    package var severity = Severity.fail

    package init(unit: String, files: [File] = []) {
      self.unit = unit
      self.files = files
    }
  }

  /// The units that a change of matching files restarts. The first rule that matches decides.
  package struct RestartRule: Sendable, Hashable {
    package var files: PathPattern
    /// Empty: none.
    package var units: [String]

    package init(files: PathPattern, units: [String]) {
      self.files = files
      self.units = units
    }
  }

  /// One file of a release and where it goes.
  package struct File: Sendable, Hashable {
    /// Relative to the manifest's folder, or absolute.
    package var source: String
    /// Where the symlink leads that is made at the target; `nil`: what the source is.
    package var link: String?
    /// Absolute, without `.` or `..`.
    package var target: String
    /// Permission bits, at most `0o7777`; `nil`: those of the source.
    package var mode: UInt32?
    package var owner = "root"
    package var group = "root"
    /// The contents are never shown, in no diff and no log.
    package var secret = false
    /// The host's own: installed only where absent, always backed up.
    package var keep = false
    /// Which units a change restarts, of a file that no service owns; `nil`: every unit that uses it.
    package var restarts: [RestartRule]?
    /// May make the host less safe than it is: a setuid mode, a program that others can write or replace.
    package var unsafe = false
    /// Whether the manifest says `owner` and `group`.
    package var namesOwner = false
    package var namesGroup = false
    /// What is never read, written, removed or backed up, of a folder as source; `nil`: the manifest does not say.
    package var exclude: Exclusion?
    /// What becomes of files on the host that no release brought; `nil`: the manifest does not say.
    package var extra: Tree.Extra?
    /// A change of it alone reloads the unit and does not restart it.
    package var reload = false

    package init(source: String, target: String) {
      self.source = source
      self.target = target
    }
  }
}

extension Manifest.File {
  /// The only units that a change of this file restarts; `nil`: every unit that uses it.
  package var restartedUnits: [String]? {
    restarts == nil ? nil : restartedUnits(by: target.split(separator: "/").last.map(String.init) ?? "")
  }

  /// The only units that a change of a file of this tree restarts; `nil`: every unit that uses it.
  ///
  /// - Parameter path: Relative to the tree.
  package func restartedUnits(by path: String) -> [String]? {
    restarts?.first { $0.files.matches(path) }?.units
  }
}
