/// One entry of the journal.
///
/// Fields whose name begins with `_` are written by journald and can be trusted; all others are whatever the sender
/// wrote, under any name, also `UNIT` and `SYSLOG_IDENTIFIER` (systemd.journal-fields(7)).
package struct JournalEntry: Sendable, Hashable {
  /// Whose entry it is, decided from trusted fields alone.
  package enum Origin: Sendable, Hashable {
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
  package var cursor: String
  /// When journald received it: microseconds since 1970, UTC.
  package var realtime: Int64
  /// Every field with its value as text; bytes that are no UTF-8 are replaced. Of a repeated field, the first.
  package var fields: [String: String]

  package init(cursor: String, realtime: Int64, fields: [String: String]) {
    self.cursor = cursor
    self.realtime = realtime
    self.fields = fields
  }

  package subscript(field: String) -> String? { fields[field] }

  package var message: String { fields["MESSAGE"] ?? "" }
  package var priority: Priority? { fields["PRIORITY"].flatMap(Int.init).flatMap(Priority.init) }
  /// The sender's process.
  package var pid: Int32? { fields["_PID"].flatMap(Int32.init) }
  /// The unit that the sender's process belonged to.
  package var unit: String? { fields["_SYSTEMD_UNIT"] }
  /// The run of the unit that the sender's process belonged to, as in `UnitStatus.invocationID`.
  package var invocationID: String? { fields["_SYSTEMD_INVOCATION_ID"] }
  package var bootID: String? { fields["_BOOT_ID"] }
  /// The name that the sender gave itself. Not to be trusted.
  package var identifier: String? { fields["SYSLOG_IDENTIFIER"] }

  package var origin: Origin {
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
package enum Priority: Int, Sendable, Hashable, Comparable, CaseIterable {
  case emergency, alert, critical, error, warning, notice, info, debug

  package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
