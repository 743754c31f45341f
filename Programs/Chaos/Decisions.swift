import EventBus
import Trading

/// The decisions of a run, each known by its number.
struct Decisions: Sendable {
  let seed: UInt64
  let start: Timestamp

  func trace(_ number: Int) -> String {
    "chaos-\(seed)-\(number)"
  }

  /// The same number is always the same decision, in an envelope of its own each time.
  func fields(_ number: Int, publisher: Int) -> [Field] {
    // No two decisions are of the same moment, since those of one moment and symbol are twins.
    let moment = Timestamp(
      seconds: start.seconds + Int64(number / 1_000_000), nanoseconds: number % 1_000_000 * 1000)
    let payload = """
      {"symbol": "\(number % 2 == 0 ? "ETHUSDT" : "BTCUSDT")", "side": "\(number % 3 == 0 ? "sell" : "buy")", \
      "confidence": 0.5, "entry_price": 2000, "quantity": 100, "leverage": 10, "stop_loss": 0, "take_profit": 0, \
      "timestamp": "\(moment)", "model": "chaos"}
      """
    return [
      Field("event_type", Names.EventType.decision), Field("payload", payload), Field("trace_id", trace(number)),
      Field("correlation_id", "publisher-\(publisher)"), Field("timestamp", moment.text), Field("source", "chaos"),
    ]
  }
}
