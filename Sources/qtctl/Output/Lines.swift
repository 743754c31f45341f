import Basics
import Backups
import Deployment

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
  /// Why the backup cannot be read.
  var damage: String?
}

/// One unit in a status.
struct UnitLine: Encodable {
  var unit: String
  var load: String
  var active: String
  var sub: String
  var enablement: String
  var pid: Int?
  var restarts: Int?
  /// Seconds since it became active.
  var uptime: Double?
  /// Bytes.
  var memory: Int?
  var status: String?
  /// How it last ended, in systemd's word, where that was no success.
  var result: String?
  /// When it came to be as it is, whole seconds since 1970.
  var changed: Int?
}

/// One journal entry.
struct LogLine: Encodable {
  /// Microseconds since 1970.
  var at: Int
  var unit: String?
  var pid: Int?
  var priority: Int?
  var message: String
}

extension BackupLine {
  init(_ stamp: Stamp, _ record: Result<BackupRecord, any Error>, pinned: Bool) {
    self.init(stamp: stamp, pinned: pinned)
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
