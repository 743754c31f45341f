package import EventBus
package import Trading

/// Where orders are made. Used by one thread, which an answer may keep waiting.
package protocol Exchange {
  /// Makes the order of an intent, under an id of ours, unless the deadline has passed by the exchange's clock when it
  /// gets there. It is called only when no order lives under that id: an exchange may forget the ids of orders that are
  /// over, and make another one.
  ///
  /// - Throws: When the exchange gave no answer that tells an order's state. Whether one lives is not known then; `lookUp`
  ///   tells.
  func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder

  /// The order that was made under that id, also when it is over. nil when the exchange is sure that there is none, and
  /// that none can come any more of what was sent with a deadline up to `deadline`.
  ///
  /// - Throws: When the exchange gave no answer, or is not sure yet.
  func lookUp(_ clientOrderID: String, sentBefore deadline: Deadline) throws(ExchangeError) -> ExchangeOrder?

  /// Whether `submit` under the id of an order that was made returns that order, also when it is over. Such an exchange
  /// needs no question before it.
  var isIdempotent: Bool { get }
}

extension Exchange {
  package var isIdempotent: Bool { false }
}
