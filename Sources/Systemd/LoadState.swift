/// Whether systemd could read a unit's definition, in its own word. The set is open.
public struct LoadState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let loaded = LoadState(rawValue: "loaded")
  /// There is no such unit.
  public static let notFound = LoadState(rawValue: "not-found")
  public static let masked = LoadState(rawValue: "masked")
  /// The unit file misses something without which it cannot run, such as `ExecStart=`.
  public static let badSetting = LoadState(rawValue: "bad-setting")
  public static let error = LoadState(rawValue: "error")
  /// The name is an alias of another unit.
  public static let merged = LoadState(rawValue: "merged")
  public static let stub = LoadState(rawValue: "stub")

  public var description: String { rawValue }
}
