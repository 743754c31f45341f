import EventBus
import Redis
import Trading

/// Writes decisions as another program does.
struct DecisionMaker {
  let connection: Connection

  /// The payload of the decision that has this number, in another program's spelling of JSON.
  static func payload(_ number: Int, side: String = "buy") -> String {
    let microseconds = String(1_000_000 + number).dropFirst()
    return """
      {"symbol": "BTCUSDT", "side": "\(side)", "confidence": 0.87, "entry_price": 64250.5, "quantity": 500.0, \
      "leverage": 10, "stop_loss": 63000, "take_profit": 67000.25, \
      "timestamp": "2026-01-31T12:00:00.\(microseconds)+00:00", "model": "xgb"}
      """
  }

  /// Appends an entry, fields of which may be replaced or (by nil) left out, and returns its id.
  @discardableResult
  func write(_ payload: String, trace: String?, changed: [String: String?] = [:]) throws -> String {
    var fields: [String: String] = [
      "event_type": "ai.decision.made", "payload": payload, "correlation_id": "c-\(UInt32.random(in: 0 ... .max))",
      "timestamp": "2026-01-31T12:00:00+00:00", "source": "ai-engine",
    ]
    fields["trace_id"] = trace
    for (name, value) in changed { fields[name] = value }
    return try Stream(Names.Stream.decisions).publish(fields.map { Field($0.key, $0.value) }, on: connection)
  }
}
