/// The exchange gave no answer, or none that can be read. Nothing is known about the order.
package struct ExchangeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What happened, in words.
  package let reason: String

  package init(_ reason: String) {
    self.reason = reason
  }

  package var description: String { "the exchange gave no answer: \(reason)" }
}
