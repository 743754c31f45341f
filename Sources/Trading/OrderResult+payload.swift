extension OrderResult {
  /// Reads the payload of a result.
  public init(_ envelope: Envelope) throws(MessageError) {
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
  public var payload: String {
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
