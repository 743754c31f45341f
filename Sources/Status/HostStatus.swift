package import Deployment
package import HostState
package import Verification
package import Watching

/// What an operator wants to know of a host at a glance. What is not known is `nil`.
package struct HostStatus: Sendable {
  /// What is changing the host right now.
  package var transaction: Running?
  /// A transaction that is neither done nor undone, with what to do; `nil` where there is none.
  package var interrupted: String?
  package var releases: [ReleaseStatus] = []
  package var units: [UnitLine] = []
  /// What is wrong, the gravest first.
  package var problems: [Problem] = []
  /// What could not be looked at, in sentences.
  package var notes: [String] = []

  package init() {}
}

extension HostStatus {
  /// A transaction in progress.
  package struct Running: Sendable, Encodable {
    package var pid: Int32
    package var user: String
    /// As it was typed.
    package var command: String
    package var phase: String
    /// Whole seconds since 1970.
    package var started: Int
    package var seconds: Int
    /// How long such a command usually takes here, in seconds.
    package var usual: Double?
    /// Until the phase has to be over, in seconds; past it, the rollback watchdog undoes the transaction.
    package var left: Int?
    package var name: String?
    package var from: ReleaseIdentity?
    package var to: ReleaseIdentity?
  }

  /// Something that an operator has to look at.
  package struct Problem: Sendable, Hashable, Encodable {
    /// A unit, a group, a manifest's name.
    package var subject: String
    /// What is wrong with it, as the rest of a sentence.
    package var what: String
    /// The command that shows more or fixes it, ready to be typed.
    package var command: String?
    /// The last lines of a unit's own log.
    package var lines: [String] = []

    package init(_ subject: String, _ what: String, command: String? = nil, lines: [String] = []) {
      self.subject = subject
      self.what = what
      self.command = command
      self.lines = lines
    }
  }
}

/// What is deployed under one name.
package struct ReleaseStatus: Sendable {
  package var name: String
  /// `nil`: nothing that qtctl knows of, or this user may not know.
  package var installed: InstalledRecord?
  /// Whether qtctl's records could be read.
  package var isRecorded = true
  /// The last transaction.
  package var last: HistoryEntry?
  /// The last command that is no transaction, such as `stop`, where it came after the last transaction.
  package var lastCommand: HistoryEntry?
  /// The files that are not as the last transaction left them.
  package var drift: [Drift]?
  package var groups: [GroupStanding] = []
  package var events: TradeEvents?
  package var backups: BackupSpace?
  /// What has become of the release since it was verified; `nil` where nobody looks or may know.
  package var watch: WatchRecord?

  package init(name: String) { self.name = name }
}

/// Where backups go, and how much more of them.
package struct BackupSpace: Sendable, Encodable {
  package var store: String
  package var count: Int?
  package var newest: Stamp?
  /// Bytes.
  package var free: Int?
  package var size: Int?
}

/// One unit in a status.
package struct UnitLine: Sendable, Encodable {
  package var unit: String
  package var load: String
  package var active: String
  package var sub: String
  package var enablement: String
  package var pid: Int?
  package var restarts: Int?
  /// Seconds since it became active.
  package var uptime: Double?
  /// Bytes.
  package var memory: Int?
  package var status: String?
  /// How it last ended, in systemd's word, where that was no success.
  package var result: String?
  /// When it came to be as it is, whole seconds since 1970.
  package var changed: Int?
  /// The manifest that it belongs to; `nil` where it was only named.
  package var name: String?
  /// What is wrong, in words.
  package var problem: String?
}
