/// The terminal state of an order, as execution writes it.
package struct OrderResult: Sendable, Hashable {
  package enum Status: String, Sendable, CaseIterable {
    case filled, rejected
    /// The order provably does not live, and it was not a refusal.
    case failed
  }

  package let symbol: Symbol
  package let action: Intent.Action
  package let status: Status
  /// Why it was not filled; empty when it was.
  package let reason: String
  /// The exchange's own; empty when the exchange made none.
  package let orderID: String
  package let clientOrderID: String
  /// In units of the symbol's asset; above 0 when filled, else 0.
  package let filledQuantity: Double
  /// USD; above 0 when filled, else 0.
  package let averagePrice: Double
  package let feeUSD: Double
  package let timestamp: Timestamp

  /// An order that was filled. nil without a quantity and a price above 0: such a fill is none.
  package static func filled(
    _ intent: Intent, orderID: String, clientOrderID: String, quantity: Double, averagePrice: Double, feeUSD: Double,
    at timestamp: Timestamp
  ) -> OrderResult? {
    guard quantity > 0, quantity.isFinite, averagePrice > 0, averagePrice.isFinite, feeUSD.isFinite else { return nil }
    return OrderResult(
      intent, .filled, "", orderID: orderID, clientOrderID: clientOrderID, quantity, averagePrice, feeUSD, timestamp)
  }

  /// An order that nobody took.
  package static func rejected(
    _ intent: Intent, reason: String, orderID: String = "", clientOrderID: String, at timestamp: Timestamp
  ) -> OrderResult {
    OrderResult(
      intent, .rejected, reason.onOneLine, orderID: orderID, clientOrderID: clientOrderID, 0, 0, 0, timestamp)
  }

  /// An order that provably does not live.
  package static func failed(
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

extension OrderResult {
  /// Reads the payload of a result.
  package init(_ envelope: Envelope) throws(MessageError) {
    let reader = try PayloadReader(envelope.payload)
    symbol = try reader.symbol("symbol")
    action = try reader.choice("action")
    let status: Status = try reader.choice("status")
    self.status = status
    reason = try reader.text("reason")
    orderID = try reader.text("order_id")
    clientOrderID = try reader.text("client_order_id")
    let should = status == .filled ? "a number above 0, as the order was filled" : "0, as the order was not filled"
    filledQuantity = try reader.number("filled_quantity", should: should) { ($0 > 0) == (status == .filled) && $0 >= 0 }
    averagePrice = try reader.number("average_price", should: should) { ($0 > 0) == (status == .filled) && $0 >= 0 }
    feeUSD = try reader.number("fee_usd", should: "a number") { _ in true }
    timestamp = try reader.timestamp("timestamp")
  }

  /// The payload as JSON text.
  package var payload: String {
    var json = JSONWriter()
    json.add("symbol", symbol.name)
    json.add("action", action.rawValue)
    json.add("status", status.rawValue)
    json.add("reason", reason)
    json.add("order_id", orderID)
    json.add("client_order_id", clientOrderID)
    json.add("filled_quantity", filledQuantity)
    json.add("average_price", averagePrice)
    json.add("fee_usd", feeUSD)
    json.add("timestamp", timestamp.text)
    return json.object
  }
}
