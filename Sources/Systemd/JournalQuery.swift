/// Which entries of the journal are wanted. Conditions of different kinds must all hold; an empty one holds for all.
package struct JournalQuery: Sendable, Hashable {
  package enum Boot: Sendable, Hashable {
    /// Since the machine started.
    case current
    case all
    /// 32 hexadecimal digits, as in `JournalEntry.bootID`.
    case id(String)
  }

  /// The units, any of them.
  package var units: [String]
  /// Whether what the service manager (and systemd-coredump) said about the units counts too, as with `journalctl -u`.
  /// Without it only lines that a unit's own processes wrote are found: the only ones that prove what a unit did.
  package var includesManager: Bool
  /// One run of a unit; what the manager said about that run counts if `includesManager`.
  package var invocationID: String?
  package var boot: Boot
  /// Fields and the exact values wanted, each field with any of its values, such as `["TRACE_ID": ["abc"]]`.
  package var fields: [String: [String]]
  /// Only entries that matter at least as much.
  package var priority: Priority?
  /// Only entries behind this one.
  package var after: String?
  /// Only entries received then or later: microseconds since 1970, UTC. Ignored beside `after`.
  package var since: Int64?

  package init(
    units: [String] = [], includesManager: Bool = false, invocationID: String? = nil, boot: Boot = .current,
    fields: [String: [String]] = [:], priority: Priority? = nil, after: String? = nil, since: Int64? = nil
  ) {
    self.units = units
    self.includesManager = includesManager
    self.invocationID = invocationID
    self.boot = boot
    self.fields = fields
    self.priority = priority
    self.after = after
    self.since = since
  }

  /// `SD_MESSAGE_COREDUMP` of sd-messages.h.
  static let coredumpMessageID = "fc2e22bc6ee647b6b90729ab34a250b1"
}

extension JournalQuery {
  /// A field that must have exactly this value. Of several values for one field, any will do.
  struct Match: Sendable, Hashable {
    var field: String
    var value: String

    init(_ field: String, _ value: String) {
      self.field = field
      self.value = value
    }
  }

  /// The conditions: every group must hold; a group holds when one of its alternatives does; an alternative holds when
  /// each of its fields does.
  func matches(currentBoot: String) -> [[[Match]]] {
    var groups: [[[Match]]] = []
    if !units.isEmpty { groups.append(units.flatMap { alternatives(unit: $0) }) }
    if let invocationID { groups.append(alternatives(invocation: invocationID)) }
    switch boot {
    case .current: groups.append([[Match("_BOOT_ID", currentBoot)]])
    case .id(let id): groups.append([[Match("_BOOT_ID", id)]])
    case .all: break
    }
    if let priority {
      groups.append([(0...priority.rawValue).map { Match("PRIORITY", String($0)) }])
    }
    for (field, values) in fields.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
      groups.append([values.map { Match(field, $0) }])
    }
    return groups
  }

  /// As journalctl(1) describes `--unit`. Anyone may write `UNIT=` and `COREDUMP_UNIT=`, so each stands beside a trusted
  /// field that only the manager and systemd-coredump have.
  private func alternatives(unit: String) -> [[Match]] {
    let own = [Match("_SYSTEMD_UNIT", unit)]
    guard includesManager else { return [own] }
    return [
      own,
      [Match("_PID", "1"), Match("UNIT", unit)],
      [Match("MESSAGE_ID", Self.coredumpMessageID), Match("_UID", "0"), Match("COREDUMP_UNIT", unit)],
    ]
  }

  private func alternatives(invocation: String) -> [[Match]] {
    let own = [Match("_SYSTEMD_INVOCATION_ID", invocation)]
    guard includesManager else { return [own] }
    return [own, [Match("_PID", "1"), Match("INVOCATION_ID", invocation)]]
  }
}

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
