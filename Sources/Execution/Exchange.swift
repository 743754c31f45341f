public import Trading

/// Where orders are made. Used by one thread, which an answer may keep waiting.
public protocol Exchange {
  /// Makes the order of an intent, under an id of ours. Made again under the same id, it has to be the same order.
  ///
  /// - Throws: When the exchange gave no answer. Whether the order lives is not known then; `lookUp` tells.
  func submit(_ intent: Intent, as clientOrderID: String) throws(ExchangeError) -> ExchangeOrder

  /// The order that was made under that id; nil when the exchange is sure that there is none.
  ///
  /// - Throws: When the exchange gave no answer.
  func lookUp(_ clientOrderID: String) throws(ExchangeError) -> ExchangeOrder?
}
