import Basics
package import Backups
package import Deployment
import HostState
import Status
package import Systemd

/// One backup in a list.
package struct BackupLine: Encodable {
  package var stamp: Stamp
  /// The manifest's name; `nil` where the backup cannot be read.
  package var name: String?
  /// The release that the backup holds.
  package var release: ReleaseIdentity?
  package var verified: Bool?
  package var pinned: Bool
  /// Files, and their bytes as they were on the host.
  package var files: Int?
  package var bytes: Int?
  package var reason: String?
  /// The transaction that it was taken before; `nil` where the history does not have it.
  package var before: Before?
  /// When it was taken, in ISO 8601.
  package var taken: String
  /// Why the backup cannot be read.
  package var damage: String?
}

extension BackupLine {
  /// A transaction that took a backup.
  package struct Before: Encodable, CustomStringConvertible {
    package var command: String
    /// What came after the backup.
    package var to: ReleaseIdentity?

    package init(command: String, to: ReleaseIdentity?) {
      self.command = command
      self.to = to
    }

    package var description: String {
      let verb = HistoryEntry.verb(of: command)
      return verb == "backup" ? "-" : verb + (to.map { " of \($0.brief)" } ?? "")
    }
  }
}

/// One journal entry.
package struct LogLine: Encodable {
  /// Microseconds since 1970.
  package var at: Int
  /// The same in ISO 8601, to the second.
  package var time: String
  package var unit: String?
  package var pid: Int?
  package var priority: Int?
  package var message: String
}

extension BackupLine {
  package init(_ stamp: Stamp, _ summary: Result<BackupSummary, any Error>, pinned: Bool) {
    self.init(stamp: stamp, pinned: pinned, taken: UTC.iso(stamp.seconds))
    switch summary {
    case .failure(let error): damage = (error as? BackupError)?.findings ?? "\(error)"
    case .success(let summary):
      name = summary.name
      release = summary.release
      verified = summary.verified
      reason = summary.reason
      files = summary.files
      bytes = summary.bytes
    }
  }
}

extension LogLine {
  package init(_ entry: JournalEntry) {
    self.init(
      at: Int(entry.realtime), time: UTC.iso(Int(entry.realtime / 1_000_000)),
      unit: Self.isManagers(entry) ? "systemd" : entry.unit, pid: entry.pid.map(Int.init),
      priority: entry.priority.map { Int($0.rawValue) }, message: entry.message)
  }

  private static func isManagers(_ entry: JournalEntry) -> Bool {
    if case .manager = entry.origin { true } else { false }
  }
}
