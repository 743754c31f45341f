/// What the service manager says of a unit, in its own words.
public struct UnitState: Sendable, Hashable, Codable {
  public var unit: String
  /// `loaded`, `not-found`, `masked`, `bad-setting`, `error` …
  public var load: String
  /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
  public var active: String
  public var sub: String
  /// `enabled`, `disabled`, `static`, `masked` …; empty where there is no unit file.
  public var enablement: String
  /// The unit file, where there is one.
  public var fragment: String?
  /// The drop-ins in force, in the manager's order.
  public var dropIns: [String]

  public init(
    unit: String, load: String, active: String, sub: String = "", enablement: String = "", fragment: String? = nil,
    dropIns: [String] = []
  ) {
    self.unit = unit
    self.load = load
    self.active = active
    self.sub = sub
    self.enablement = enablement
    self.fragment = fragment
    self.dropIns = dropIns
  }

  public var exists: Bool { load != "not-found" }
  public var masked: Bool { load == "masked" || enablement.hasPrefix("masked") }
  /// Whether the unit is up or about to be; what a rollback brings back.
  public var running: Bool { ["active", "activating", "reloading"].contains(active) }
  /// Whether it was up and could be brought up again.
  public var starts: Bool { running && !masked }
  /// Whether nothing of it runs any more.
  public var stopped: Bool { ["inactive", "failed"].contains(active) }
}
