/// A file that a service takes its environment from. systemd reads it as root.
public struct EnvironmentFile: Sendable, Hashable {
  /// The absolute path as written; it may be a glob pattern.
  public var path: String
  /// Whether the service starts without it (written with a leading `-`).
  public var isOptional: Bool

  public init(path: String, isOptional: Bool) {
    self.path = path
    self.isOptional = isOptional
  }
}
