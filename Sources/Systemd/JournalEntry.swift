/// One entry of the journal.
///
/// Fields whose name begins with `_` are written by journald and can be trusted; all others are whatever the sender
/// wrote, under any name, also `UNIT` and `SYSLOG_IDENTIFIER` (systemd.journal-fields(7)).
public struct JournalEntry: Sendable, Hashable {
  /// Whose entry it is, decided from trusted fields alone.
  public enum Origin: Sendable, Hashable {
    /// A process of this unit wrote it.
    case unit(String)
    /// The service manager (PID 1) wrote it about this unit.
    case manager(about: String)
    /// systemd-coredump wrote it about a crash of this unit.
    case coredump(of: String)
    /// Anything else, such as the kernel.
    case other
  }

  /// The entry's place in the journal.
  public var cursor: String
  /// When journald received it: microseconds since 1970, UTC.
  public var realtime: Int64
  /// Every field with its value as text; bytes that are no UTF-8 are replaced. Of a repeated field, the first.
  public var fields: [String: String]

  public init(cursor: String, realtime: Int64, fields: [String: String]) {
    self.cursor = cursor
    self.realtime = realtime
    self.fields = fields
  }

  public subscript(field: String) -> String? { fields[field] }

  public var message: String { fields["MESSAGE"] ?? "" }
  public var priority: Priority? { fields["PRIORITY"].flatMap(Int.init).flatMap(Priority.init) }
  /// The sender's process.
  public var pid: Int32? { fields["_PID"].flatMap(Int32.init) }
  /// The unit that the sender's process belonged to.
  public var unit: String? { fields["_SYSTEMD_UNIT"] }
  /// The run of the unit that the sender's process belonged to, as in `UnitStatus.invocationID`.
  public var invocationID: String? { fields["_SYSTEMD_INVOCATION_ID"] }
  public var bootID: String? { fields["_BOOT_ID"] }
  /// The name that the sender gave itself. Not to be trusted.
  public var identifier: String? { fields["SYSLOG_IDENTIFIER"] }

  public var origin: Origin {
    if pid == 1, let unit = fields["UNIT"] { return .manager(about: unit) }
    if fields["MESSAGE_ID"] == JournalQuery.coredumpMessageID, fields["_UID"] == "0",
      let unit = fields["COREDUMP_UNIT"]
    {
      return .coredump(of: unit)
    }
    return unit.map(Origin.unit) ?? .other
  }
}

/// How much a journal entry matters (syslog(3)); the lower, the graver.
public enum Priority: Int, Sendable, Hashable, Comparable, CaseIterable {
  case emergency, alert, critical, error, warning, notice, info, debug

  public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
