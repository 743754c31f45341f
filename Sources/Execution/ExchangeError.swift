/// The exchange gave no answer, or none that can be read. Nothing is known about the order.
public struct ExchangeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What happened, in words.
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public var description: String { "the exchange gave no answer: \(reason)" }
}
