import Basics
import Backups
import Deployment
import HostState
import Status

/// One backup in a list.
struct BackupLine: Encodable {
  var stamp: Stamp
  /// The manifest's name; `nil` where the backup cannot be read.
  var name: String?
  /// The release that the backup holds.
  var release: ReleaseIdentity?
  var verified: Bool?
  var pinned: Bool
  /// Files, and their bytes as they were on the host.
  var files: Int?
  var bytes: Int?
  var reason: String?
  /// The transaction that it was taken before; `nil` where the history does not have it.
  var before: Before?
  /// When it was taken, in ISO 8601.
  var taken: String
  /// Why the backup cannot be read.
  var damage: String?
}

extension BackupLine {
  /// A transaction that took a backup.
  struct Before: Encodable, CustomStringConvertible {
    var command: String
    /// What came after the backup.
    var to: ReleaseIdentity?

    var description: String {
      let verb = HistoryEntry.verb(of: command)
      return verb == "backup" ? "-" : verb + (to.map { " of \($0.brief)" } ?? "")
    }
  }
}

/// One journal entry.
struct LogLine: Encodable {
  /// Microseconds since 1970.
  var at: Int
  /// The same in ISO 8601, to the second.
  var time: String
  var unit: String?
  var pid: Int?
  var priority: Int?
  var message: String
}

extension BackupLine {
  init(_ stamp: Stamp, _ record: Result<BackupRecord, any Error>, pinned: Bool) {
    self.init(stamp: stamp, pinned: pinned, taken: UTC.iso(stamp.seconds))
    switch record {
    case .failure(let error): damage = (error as? BackupError)?.findings ?? "\(error)"
    case .success(let record):
      name = record.name
      release = record.installed?.release
      verified = record.verified
      reason = record.reason
      files = record.entries.count { $0.state.exists }
      bytes = record.entries.compactMap(\.state.size).saturatedSum
    }
  }
}
