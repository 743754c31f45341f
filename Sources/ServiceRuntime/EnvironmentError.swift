/// A variable of the environment that cannot be used.
public struct EnvironmentError: Error, Sendable, Hashable, CustomStringConvertible {
  public let key: String
  /// What is wrong with it and what it should be.
  public let reason: String

  public init(_ key: String, _ reason: String) {
    self.key = key
    self.reason = reason
  }

  public var description: String { "\(key) \(reason)" }
}
