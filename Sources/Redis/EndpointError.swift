/// Why a text is not the URL of a Redis. Never contains the password.
public struct EndpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in words.
  public let reason: String

  public var description: String {
    "not the URL of a Redis: \(reason); write redis://[user:password@]host:port/db or unix:///path?db=0"
  }
}
