/// What a model decided, as the router reads it.
public struct Decision: Sendable, Hashable {
  public enum Side: String, Sendable, CaseIterable {
    case buy, sell
  }

  public let symbol: Symbol
  public let side: Side
  /// 0 to 1.
  public let confidence: Double
  /// USD, above 0.
  public let entryPrice: Double
  /// USD, above 0; 0 on a probe.
  public let quantity: Double
  /// 1 to 125.
  public let leverage: Int
  /// USD; 0 sets none.
  public let stopLoss: Double
  /// USD; 0 sets none.
  public let takeProfit: Double
  public let timestamp: Timestamp
  public let model: String

  /// Reads the payload of a decision; fields that it does not know are passed over.
  public init(_ envelope: Envelope) throws(MessageError) {
    let reader = try PayloadReader(envelope.payload)
    symbol = try reader.symbol("symbol")
    try Probe.check(symbol, isProbe: envelope.isProbe)
    side = try reader.choice("side")
    confidence = try reader.confidence()
    entryPrice = try reader.price("entry_price")
    quantity = try reader.amount("quantity", isProbe: envelope.isProbe)
    leverage = try reader.leverage()
    stopLoss = try reader.exitPrice("stop_loss")
    takeProfit = try reader.exitPrice("take_profit")
    timestamp = try reader.timestamp("timestamp")
    model = try reader.text("model")
  }
}
