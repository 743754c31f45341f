/// A backup's own description, `backup.json`: all that is needed to bring the state back.
public struct BackupRecord: Sendable, Hashable, Codable {
  public static let currentSchema = "qtctl-backup/1"

  /// One path, and what stood there.
  public struct Entry: Sendable, Hashable, Codable {
    public var path: String
    public var unit: String
    /// `nil` for what a manifest names.
    public var role: Companion.Role?
    public var secret: Bool
    public var state: FileState

    public init(path: String, unit: String, role: Companion.Role? = nil, secret: Bool, state: FileState) {
      self.path = path
      self.unit = unit
      self.role = role
      self.secret = secret
      self.state = state
    }
  }

  /// A unit as it was, and the times that its manifest grants it.
  public struct Unit: Sendable, Hashable, Codable {
    public var state: UnitState
    /// Seconds to become active.
    public var ready: Double
    /// Seconds between SIGTERM and SIGKILL.
    public var stop: Double

    public init(state: UnitState, ready: Double, stop: Double) {
      self.state = state
      self.ready = ready
      self.stop = stop
    }
  }

  /// Where a consumer group stood; for reading, never put back by itself. What is not known is `null`.
  public struct Cursor: Sendable, Hashable, Codable {
    public var stream: String
    public var group: String
    public var lastDelivered: String?
    public var pending: Int?
    public var lag: Int?

    public init(stream: String, group: String, lastDelivered: String? = nil, pending: Int? = nil, lag: Int? = nil) {
      self.stream = stream
      self.group = group
      self.lastDelivered = lastDelivered
      self.pending = pending
      self.lag = lag
    }
  }

  public var schema = BackupRecord.currentSchema
  /// The manifest's name.
  public var name: String
  public var stamp: Stamp
  public var host: String
  public var user: String
  /// Why it was taken, in words.
  public var reason: String
  public var entries: [Entry]
  /// Folders above the entries that did not exist: whoever makes them takes them away again.
  public var absentFolders: [String]
  /// In start order.
  public var units: [Unit]
  public var groups: [Cursor]
  /// What the last transaction had left, where one had; its release is the one that this backup holds.
  public var installed: InstalledRecord?
  /// Whether the state was verified and has not drifted since.
  public var verified: Bool

  public init(
    name: String, stamp: Stamp, host: String, user: String, reason: String, entries: [Entry],
    absentFolders: [String], units: [Unit], groups: [Cursor], installed: InstalledRecord?, verified: Bool
  ) {
    self.name = name
    self.stamp = stamp
    self.host = host
    self.user = user
    self.reason = reason
    self.entries = entries
    self.absentFolders = absentFolders
    self.units = units
    self.groups = groups
    self.installed = installed
    self.verified = verified
  }

  /// The state that this backup brings back.
  ///
  /// - Parameters:
  ///   - store: the folder that holds the contents, each under its own path.
  public func desired(contents store: String) -> DesiredState {
    DesiredState(
      files: entries.map {
        DesiredState.File(
          path: $0.path, unit: $0.unit, role: $0.role, state: $0.state,
          origin: $0.state.exists ? store + $0.path : nil, secret: $0.secret)
      },
      units: units.map {
        DesiredState.Unit(
          unit: $0.state.unit, running: $0.state.running, masked: $0.state.masked, enablement: .asFiles,
          ready: .seconds($0.ready), stop: .seconds($0.stop))
      },
      emptyFolders: folders.sorted { $0.utf8.count > $1.utf8.count })
  }

  /// The folders that go when nothing is left in them.
  public var folders: Set<String> {
    let used = Set(entries.filter(\.state.exists).compactMap { Companion.folder(of: $0.path) })
    let left = entries.filter { $0.role != nil && !$0.state.exists }.compactMap { Companion.folder(of: $0.path) }
    return Set(left).subtracting(used).union(absentFolders)
  }
}
