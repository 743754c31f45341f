internal import EventBus
internal import Trading

/// What a service of the bus is given, and where what it makes of that comes out. Entries carry the traces `bench-0`,
/// `bench-1` and on.
package struct BusWork: Sendable {
  let source: String
  let group: String
  let target: String
  private let eventType: String
  private let payload: @Sendable (Int, Timestamp) -> String

  /// Decisions that become intents.
  package static let routing = BusWork(
    source: Names.Stream.decisions, group: Names.Group.router, target: Names.Stream.intents,
    eventType: Names.EventType.decision
  ) { number, _ in
    """
    {"symbol": "BTCUSDT", "side": "buy", "confidence": 0.8734, "entry_price": 64250.5, "quantity": 500.0, \
    "leverage": 10, "stop_loss": 63000.0, "take_profit": 67000.25, \
    "timestamp": "2026-01-31T12:00:00.\(1_000_000 + number)+00:00", "model": "xgb-ensemble"}
    """
  }

  /// Intents that become orders at a paper exchange, and terminal states.
  package static let execution = BusWork(
    source: Names.Stream.intents, group: Names.Group.execution, target: Names.Stream.results,
    eventType: Names.EventType.intent
  ) { number, now in
    """
    {"symbol": "BTCUSDT", "action": "\(number % 2 == 0 ? "BUY" : "SELL")", "confidence": 0.8734, \
    "timestamp": "\(Timestamp(seconds: now.seconds, nanoseconds: number % 1_000_000 * 1000))", \
    "position_size_usd": 500, "leverage": 10, "entry_price": 64250.5, "stop_loss": 0, "take_profit": 0, \
    "source": "bench"}
    """
  }

  static let trace = "bench-"

  func fields(_ number: Int, at now: Timestamp) -> [Field] {
    [
      Field("event_type", eventType), Field("payload", payload(number, now)),
      Field("trace_id", "\(Self.trace)\(number)"), Field("correlation_id", "c-\(number)"),
      Field("timestamp", now.text), Field("source", "bench"),
    ]
  }
}
