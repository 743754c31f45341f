internal import FileOperations
package import HostState
package import Systemd
package import Units

/// What the doctor is told of the host before it looks for itself.
package struct HostView {
  package var state: StateFolder
  /// The backup stores that a manifest or a record names.
  package var stores: Set<String>
  /// The files that releases installed, by path, with the only units that a change restarts; `nil`: all that use it.
  package var files: [String: [String]?]
  /// When the files were installed or last proved to be as installed, in seconds since 1970, by path.
  package var installed: [String: Int] = [:]
  /// The Redis servers that a manifest or `QTCTL_REDIS` names, or that run here.
  package var redis: [String]
  /// Whether something was deployed here.
  package var hasReleases: Bool
  /// Every loaded service that is not down.
  package var services: [UnitStatus]
  /// The services that timers start and no release brings, by timer.
  package var scheduled: [String: UnitStatus] = [:]
  /// What was interrupted and is not undone, in words.
  package var interrupted: String?
  /// Where unit files lie, the first wins.
  package var unitFolders = ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"]
  /// systemd's version, such as `252.39-1~deb12u1`.
  package var systemdVersion: String?
  /// Who uses which file; `nil`: not known.
  package var users: FileUsers?
  /// Whether it is a container.
  package var isContainer = Files.exists("/run/systemd/container") || Files.exists("/run/host/container-manager")
  /// Before the paths of cron, of SELinux, of AppArmor and of the audit log.
  package var root = ""
  /// Where the journal lies in memory, and on disk.
  package var journals = (memory: "/run/log/journal", disk: "/var/log/journal")
  /// The state of the unit that recovers at boot.
  package var recovery: UnitFileState?

  package init(
    state: StateFolder, stores: Set<String> = [], files: [String: [String]?] = [:], redis: [String] = [],
    hasReleases: Bool = false, services: [UnitStatus] = [], interrupted: String? = nil
  ) {
    self.state = state
    self.stores = stores
    self.files = files
    self.redis = redis
    self.hasReleases = hasReleases
    self.services = services
    self.interrupted = interrupted
  }

  /// The services of this host that are not down, as systemd knows them.
  package static func services(_ manager: ServiceManager) throws -> [UnitStatus] {
    try manager.units(
      in: [.active, .activating, .reloading, .deactivating, .failed], matching: ["*.service"]
    ).map { try manager.status(of: $0) }
  }

  /// The services that active timers start, by timer.
  package static func scheduled(_ manager: ServiceManager) throws -> [String: UnitStatus] {
    var found: [String: UnitStatus] = [:]
    for timer in try manager.units(in: [.active], matching: ["*.timer"]) {
      guard let service = try manager.details(of: timer).related(.triggers).first else { continue }
      found[timer] = try manager.status(of: service)
    }
    return found
  }

  /// The folders that releases install into.
  var targets: Set<String> { Set(files.keys.map { Files.parent(of: $0) }) }

  /// A word for a command line, quoted for a shell where that is needed.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/._-@:=+,".unicodeScalars.contains(scalar))
    }
    return plain && !word.isEmpty
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
