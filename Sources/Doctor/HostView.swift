package import HostState
package import Systemd

/// What the doctor is told of the host before it looks for itself.
package struct HostView {
  package var state: StateFolder
  /// The backup stores that a manifest or a record names.
  package var stores: Set<String>
  /// The folders that releases install into.
  package var targets: Set<String>
  /// The Redis that a manifest uses; `nil`: none.
  package var redis: String?
  /// Whether something was deployed here.
  package var hasReleases: Bool
  /// Every loaded service that is not down.
  package var services: [UnitStatus]
  /// What was interrupted and is not undone, in words.
  package var interrupted: String?
  /// Where unit files lie, the first wins.
  package var unitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system"]
  /// Where the journal lies in memory, and on disk.
  package var journals = (memory: "/run/log/journal", disk: "/var/log/journal")
  /// The state of the unit that recovers at boot.
  package var recovery: UnitFileState?

  package init(
    state: StateFolder, stores: Set<String> = [], targets: Set<String> = [], redis: String? = nil,
    hasReleases: Bool = false, services: [UnitStatus] = [], interrupted: String? = nil
  ) {
    self.state = state
    self.stores = stores
    self.targets = targets
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

  /// A word for a command line, quoted for a shell where that is needed.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/._-@:=+,".unicodeScalars.contains(scalar))
    }
    return plain && !word.isEmpty
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
