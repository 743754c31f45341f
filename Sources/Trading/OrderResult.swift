/// The terminal state of an order, as execution writes it.
public struct OrderResult: Sendable, Hashable {
  public enum Status: String, Sendable, CaseIterable {
    case filled, rejected
    /// The order provably does not live, and it was not a refusal.
    case failed
  }

  public let symbol: Symbol
  public let action: Intent.Action
  public let status: Status
  /// Why it was not filled; empty when it was.
  public let reason: String
  /// The exchange's own; empty when the exchange made none.
  public let orderID: String
  public let clientOrderID: String
  /// In units of the symbol's asset; above 0 when filled, else 0.
  public let filledQuantity: Double
  /// USD; above 0 when filled, else 0.
  public let averagePrice: Double
  public let feeUSD: Double
  public let timestamp: Timestamp

  /// An order that was filled. nil without a quantity and a price above 0: such a fill is none.
  public static func filled(
    _ intent: Intent, orderID: String, clientOrderID: String, quantity: Double, averagePrice: Double, feeUSD: Double,
    at timestamp: Timestamp
  ) -> OrderResult? {
    guard quantity > 0, quantity.isFinite, averagePrice > 0, averagePrice.isFinite, feeUSD.isFinite else { return nil }
    return OrderResult(
      intent, .filled, "", orderID: orderID, clientOrderID: clientOrderID, quantity, averagePrice, feeUSD, timestamp)
  }

  /// An order that nobody took.
  public static func rejected(
    _ intent: Intent, reason: String, orderID: String = "", clientOrderID: String, at timestamp: Timestamp
  ) -> OrderResult {
    OrderResult(
      intent, .rejected, reason.onOneLine, orderID: orderID, clientOrderID: clientOrderID, 0, 0, 0, timestamp)
  }

  /// An order that provably does not live.
  public static func failed(
    _ intent: Intent, reason: String, orderID: String = "", clientOrderID: String, at timestamp: Timestamp
  ) -> OrderResult {
    OrderResult(intent, .failed, reason.onOneLine, orderID: orderID, clientOrderID: clientOrderID, 0, 0, 0, timestamp)
  }

  private init(
    _ intent: Intent, _ status: Status, _ reason: String, orderID: String, clientOrderID: String, _ quantity: Double,
    _ price: Double, _ fee: Double, _ timestamp: Timestamp
  ) {
    symbol = intent.symbol
    action = intent.action
    self.status = status
    self.reason = reason
    self.orderID = orderID
    self.clientOrderID = clientOrderID
    filledQuantity = quantity
    averagePrice = price
    feeUSD = fee
    self.timestamp = timestamp
  }
}
