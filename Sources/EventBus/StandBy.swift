/// Thrown by a consumer's `prepare`: another process does the work, so this one waits and is prepared again.
public struct StandBy: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is waited for, in words.
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public var description: String { reason }
}
