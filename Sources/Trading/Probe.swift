/// A marked decision that runs through the real pipeline and can never become an order, for several reasons that each
/// suffice: its marker leads to an exchange that has neither credentials nor a socket, its quantity is 0, and its symbol
/// is not tradable. Either of marker, quantity and symbol without the others is malformed.
package enum Probe {
  /// The field of the envelope that marks a probe.
  package static let field = "probe"
  /// The one value it can have.
  package static let marker = "1"
  /// The symbol that every probe has, and nothing else may have.
  package static let symbol = "PROBEUSDT"

  /// A decision that is a probe, ready to be written to the stream of decisions. It is known by its `traceID`, which
  /// must be new each time.
  package static func decision(traceID: String, at now: Timestamp, source: String) throws(MessageError) -> Envelope {
    var json = JSONWriter()
    json.add("symbol", symbol)
    json.add("side", "buy")
    json.add("confidence", 1)
    json.add("entry_price", 1)
    json.add("quantity", 0)
    json.add("leverage", 1)
    json.add("stop_loss", 0)
    json.add("take_profit", 0)
    json.add("timestamp", now.text)
    json.add("model", field)
    return Envelope(
      eventType: Names.EventType.decision, payload: json.object,
      traceID: try TraceID(traceID, payload: json.object), correlationID: traceID, timestamp: now.text, source: source,
      isProbe: true)
  }

  /// Refuses a probe without its symbol and the symbol without its probe.
  static func check(_ symbol: Symbol, isProbe: Bool) throws(MessageError) {
    guard (symbol.name == Self.symbol) != isProbe else { return }
    throw isProbe
      ? .wrong("symbol", is: symbol.name.quoted, should: "'\(Self.symbol)' on a probe")
      : .wrong("symbol", is: symbol.name.quoted, should: "a market's; this one is for probes alone")
  }

  /// Reads a probe, strictly: nobody but ourselves writes one, and a message that is nearly one may be an order.
  static func intent(_ envelope: Envelope, as kind: OrderMessage.Kind) throws(MessageError) -> Intent {
    let reader = try PayloadReader(envelope.payload)
    let symbol = try reader.symbol("symbol")
    try check(symbol, isProbe: envelope.isProbe)
    let action: Intent.Action =
      switch kind {
      case .decision: try (reader.choice("side") as Side) == .buy ? .buy : .sell
      case .intent: try reader.choice("action")
      }
    _ = try reader.text(kind == .decision ? "model" : "source")
    return Intent(
      symbol: symbol, action: action, confidence: try reader.confidence(), timestamp: try reader.timestamp("timestamp"),
      positionSizeUSD: try reader.number(kind == .decision ? "quantity" : "position_size_usd", should: "0 on a probe") {
        $0 == 0
      },
      leverage: try reader.leverage(), entryPrice: try reader.price("entry_price"),
      stopLoss: try reader.exitPrice("stop_loss"), takeProfit: try reader.exitPrice("take_profit"))
  }

  private enum Side: String, CaseIterable {
    case buy, sell
  }
}
