/// An order to be made, as the router writes it and execution reads it.
public struct Intent: Sendable, Hashable {
  public enum Action: String, Sendable, CaseIterable {
    case buy = "BUY"
    case sell = "SELL"
    /// Ends the position in the symbol, up to the size given; never opens one.
    case close = "CLOSE"
  }

  public let symbol: Symbol
  public let action: Action
  /// 0 to 1.
  public let confidence: Double
  /// The decision's own, in full.
  public let timestamp: Timestamp
  /// USD, above 0; 0 on a probe.
  public let positionSizeUSD: Double
  /// 1 to 125.
  public let leverage: Int
  /// USD, above 0.
  public let entryPrice: Double
  /// USD; 0 sets none.
  public let stopLoss: Double
  /// USD; 0 sets none.
  public let takeProfit: Double
  /// The program that asks for the order.
  public let source: String

  /// Reads the payload of an intent; fields that it does not know are passed over.
  public init(_ envelope: Envelope) throws(MessageError) {
    let reader = try PayloadReader(envelope.payload)
    symbol = try reader.symbol("symbol")
    try Probe.check(symbol, isProbe: envelope.isProbe)
    action = try reader.choice("action")
    confidence = try reader.confidence()
    timestamp = try reader.timestamp("timestamp")
    positionSizeUSD = try reader.amount("position_size_usd", isProbe: envelope.isProbe)
    leverage = try reader.leverage()
    entryPrice = try reader.price("entry_price")
    stopLoss = try reader.exitPrice("stop_loss")
    takeProfit = try reader.exitPrice("take_profit")
    source = try reader.text("source")
  }

  /// The intent that follows from a decision that was read, and is therefore valid.
  public init(_ decision: Decision, source: String) {
    symbol = decision.symbol
    action = decision.side == .buy ? .buy : .sell
    confidence = decision.confidence
    timestamp = decision.timestamp
    positionSizeUSD = decision.quantity
    leverage = decision.leverage
    entryPrice = decision.entryPrice
    stopLoss = decision.stopLoss
    takeProfit = decision.takeProfit
    self.source = source
  }

  /// The payload as JSON text.
  public var payload: String {
    var json = JSONWriter()
    json.add("symbol", symbol.name)
    json.add("action", action.rawValue)
    json.add("confidence", confidence)
    json.add("timestamp", timestamp.text)
    json.add("position_size_usd", positionSizeUSD)
    json.add("leverage", leverage)
    json.add("entry_price", entryPrice)
    json.add("stop_loss", stopLoss)
    json.add("take_profit", takeProfit)
    json.add("source", source)
    return json.object
  }
}
