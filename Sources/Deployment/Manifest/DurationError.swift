/// Why a text is not a duration.
public struct DurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text as it was given.
  public let text: String
  /// What is wrong with it and what to write instead.
  public let reason: String

  public var description: String { "'\(text.prefix(40))' is not a duration: \(reason)" }
}
