import EventBus
import Redis
import TestSupport
import Trading

@testable import Execution

/// Intents, and the entries that carry them.
enum Sample {
  static func intent(
    _ symbol: String = "BTCUSDT", action: String = "BUY", size: Double = 500, price: Double = 50_000,
    leverage: Int = 10, timestamp: String = Timestamp.now().text, isProbe: Bool = false
  ) throws -> Intent {
    let payload = """
      {"symbol": "\(symbol)", "action": "\(action)", "confidence": 0.9, "timestamp": "\(timestamp)", \
      "position_size_usd": \(size), "leverage": \(leverage), "entry_price": \(price), "stop_loss": 0, \
      "take_profit": 0, "source": "test"}
      """
    let message = try OrderMessage(envelope(payload, trace: "t", isProbe: isProbe).fields, as: .intent, entry: "1-0")
    switch message.content {
    case .order(let intent), .rejected(let intent, _): return intent
    case .hold: throw MessageError("no order")
    }
  }

  static func envelope(_ payload: String, trace: String, isProbe: Bool = false) throws -> Envelope {
    Envelope(
      eventType: "trade.intent", payload: payload, traceID: try TraceID(trace, payload: payload), correlationID: "c",
      timestamp: Timestamp.now().text, source: "test", isProbe: isProbe)
  }

  /// Appends an intent and returns its entry's id.
  @discardableResult
  static func publish(
    _ intent: Intent, trace: String, isProbe: Bool = false, on connection: Connection
  ) throws -> String {
    let envelope = try envelope(intent.payload(source: "test"), trace: trace, isProbe: isProbe)
    return try Stream(Names.Stream.intents).publish(envelope.fields.map { Field($0.name, $0.value) }, on: connection)
  }
}

extension Deadline {
  /// Nothing comes too late for it.
  static let never = Deadline(milliseconds: 1 << 50)
  /// Everything does.
  static let past = Deadline(milliseconds: 0)
}

/// What is in Redis when all is done.
struct Aftermath {
  let connection: Connection

  func entries(_ stream: String) throws -> [Entry] {
    try connection.ask(Stream(stream).range(limit: 10_000))
  }

  func results() throws -> [OrderResult] {
    try entries(Names.Stream.results).map { entry in
      try OrderResult(try Envelope(fields: (entry.fields ?? []).map { ($0.name, $0.value) }))
    }
  }

  /// The orders that the paper exchange has ever made.
  func paperOrders() throws -> Int {
    Int(try connection.call(["HGET", PaperExchange.bookKey, "orders"]).integer ?? 0)
  }

  func pending() throws -> Int {
    try connection.ask(Executor.group.pending).count
  }
}
