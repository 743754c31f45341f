/// What a unit is doing, in systemd's own word. The set is open.
public struct ActiveState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let active = ActiveState(rawValue: "active")
  public static let reloading = ActiveState(rawValue: "reloading")
  public static let inactive = ActiveState(rawValue: "inactive")
  public static let failed = ActiveState(rawValue: "failed")
  /// On the way to `active`; also a service that waits to be restarted.
  public static let activating = ActiveState(rawValue: "activating")
  public static let deactivating = ActiveState(rawValue: "deactivating")
  public static let maintenance = ActiveState(rawValue: "maintenance")

  /// Whether nothing of the unit runs and nothing is about to: `inactive` or `failed`.
  public var isDown: Bool { self == .inactive || self == .failed }

  public var description: String { rawValue }
}
