/// The names of journal fields (systemd.journal-fields(7)).
enum JournalField {
  /// Longer names are dropped by journald.
  static let maximumLength = 64

  /// Whether an entry can have a field of this name.
  static func isValid(_ name: String) -> Bool {
    guard let first = name.utf8.first, !isDigit(first), name.utf8.count <= maximumLength else { return false }
    return name.utf8.allSatisfy(isAllowed)
  }

  /// The field that a metadata key is written to: in capitals, with `_` for what a name cannot have. A name that
  /// journald would not take from a client, or that the handler itself writes, gets `FIELD_` before it.
  static func name(forMetadata key: String) -> String {
    let capitals = key.utf8.map { byte -> UInt8 in
      let upper = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte - 32 : byte
      return isAllowed(upper) ? upper : UInt8(ascii: "_")
    }
    var name = String(decoding: capitals.drop { $0 == UInt8(ascii: "_") }, as: UTF8.self)
    if name.utf8.first.map(isDigit) ?? true || own.contains(name) { name = "FIELD_" + name }
    return String(name.prefix(maximumLength))
  }

  /// What the log handler writes besides metadata.
  private static let own: Set = [
    "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "CODE_FILE", "CODE_LINE", "CODE_FUNC", "LOGGER", "ERROR",
  ]

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || isDigit(byte) || byte == UInt8(ascii: "_")
  }
}
