import EventBus
import Redis
import Trading

/// Decisions as the first user's publisher writes them, each with a trace of its own.
enum Decisions {
  static func publish(_ count: Int, on connection: Connection) throws {
    for first in stride(from: 0, to: count, by: 1000) {
      let questions = (first..<min(first + 1000, count)).map { query(trace: "bench-\($0)") }
      for (question, reply) in zip(questions, try connection.pipeline(questions.map(\.command))) {
        _ = try question.read(reply)
      }
    }
  }

  static func query(trace: String) -> Query<String> {
    let now = Timestamp.now().text
    let payload = """
      {"symbol": "BTCUSDT", "side": "buy", "confidence": 0.82, "entry_price": 43251.5, "quantity": 250, "leverage": 10, \
      "stop_loss": 42000, "take_profit": 45000.25, "timestamp": "\(now)", "model": "ensemble-v3"}
      """
    return Stream(Names.Stream.decisions).publishing([
      Field("event_type", Names.EventType.decision), Field("payload", payload), Field("trace_id", trace),
      Field("correlation_id", "c-\(trace)"), Field("timestamp", now), Field("source", "bench"),
    ])
  }
}
