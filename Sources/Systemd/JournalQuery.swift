/// Which entries of the journal are wanted. Conditions of different kinds must all hold; an empty one holds for all.
public struct JournalQuery: Sendable, Hashable {
  public enum Boot: Sendable, Hashable {
    /// Since the machine started.
    case current
    case all
    /// 32 hexadecimal digits, as in `JournalEntry.bootID`.
    case id(String)
  }

  /// The units, any of them.
  public var units: [String]
  /// Whether what the service manager (and systemd-coredump) said about the units counts too, as with `journalctl -u`.
  /// Without it only lines that a unit's own processes wrote are found: the only ones that prove what a unit did.
  public var includesManager: Bool
  /// One run of a unit; what the manager said about that run counts if `includesManager`.
  public var invocationID: String?
  public var boot: Boot
  /// Fields and the exact values wanted, each field with any of its values, such as `["TRACE_ID": ["abc"]]`.
  public var fields: [String: [String]]
  /// Only entries that matter at least as much.
  public var priority: Priority?
  /// Only entries behind this one.
  public var after: String?
  /// Only entries received then or later: microseconds since 1970, UTC. Ignored beside `after`.
  public var since: Int64?

  public init(
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
