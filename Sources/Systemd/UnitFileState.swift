/// How a unit's file is installed, in systemd's own word (systemctl(1), `is-enabled`). The set is open.
public struct UnitFileState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let enabled = UnitFileState(rawValue: "enabled")
  public static let enabledRuntime = UnitFileState(rawValue: "enabled-runtime")
  public static let disabled = UnitFileState(rawValue: "disabled")
  /// The unit has no `[Install]` section: it can be neither enabled nor disabled.
  public static let `static` = UnitFileState(rawValue: "static")
  public static let masked = UnitFileState(rawValue: "masked")
  /// Masked until the next boot.
  public static let maskedRuntime = UnitFileState(rawValue: "masked-runtime")
  public static let generated = UnitFileState(rawValue: "generated")
  /// The file lies outside systemd's folders and is linked into them.
  public static let linked = UnitFileState(rawValue: "linked")
  public static let linkedRuntime = UnitFileState(rawValue: "linked-runtime")
  public static let alias = UnitFileState(rawValue: "alias")
  public static let indirect = UnitFileState(rawValue: "indirect")
  public static let transient = UnitFileState(rawValue: "transient")
  public static let bad = UnitFileState(rawValue: "bad")
  /// There is no such file. This library's own word: systemd has none.
  public static let absent = UnitFileState(rawValue: "absent")

  /// Whether a mask keeps the unit from being started.
  public var isMasked: Bool { self == .masked || self == .maskedRuntime }

  public var description: String { rawValue }
}
