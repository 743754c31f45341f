@testable import Trading

/// Entries as they come, to be bent by a test.
enum Samples {
  static let decision = [
    "symbol": "\"BTCUSDT\"", "side": "\"buy\"", "confidence": "0.87", "entry_price": "64250.5", "quantity": "500",
    "leverage": "10", "stop_loss": "63000", "take_profit": "67000.25",
    "timestamp": "\"2026-01-31T12:00:00.123456+00:00\"", "model": "\"xgb-1\"",
  ]

  static let intent = [
    "symbol": "\"BTCUSDT\"", "action": "\"BUY\"", "confidence": "0.87",
    "timestamp": "\"2026-01-31T12:00:00.123456+00:00\"", "position_size_usd": "500", "leverage": "10",
    "entry_price": "64250.5", "stop_loss": "63000", "take_profit": "67000.25", "source": "\"router\"",
  ]

  /// JSON text of members, one of them replaced or (by nil) left out.
  static func json(_ members: [String: String], _ field: String = "", _ value: String? = nil) -> String {
    var members = members
    members[field] = value
    return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  static func envelope(_ payload: String, trace: String = "t-1", isProbe: Bool = false) throws -> Envelope {
    Envelope(
      eventType: "any", payload: payload, traceID: try TraceID(trace, payload: payload), correlationID: "c",
      timestamp: "now", source: "test", isProbe: isProbe)
  }

  static func fields(
    _ changed: KeyValuePairs<String, String?> = [:], payload: String = "{}"
  ) -> [(name: String, value: String)] {
    var fields = [
      "event_type": "ai.decision.made", "payload": payload, "trace_id": "t-1", "correlation_id": "c",
      "timestamp": "2026-01-31T12:00:00Z", "source": "test",
    ]
    for (name, value) in changed { fields[name] = value }
    return fields.map { ($0.key, $0.value) }
  }

  /// The message that an entry with these members as its payload is.
  static func read(
    _ members: [String: String], trace: String? = "t-1", as kind: OrderMessage.Kind = .decision,
    entry: String = "1769860800123-0", changed: KeyValuePairs<String, String?> = [:]
  ) throws -> OrderMessage {
    let fields = fields(changed, payload: json(members)).filter { $0.name != "trace_id" }
    return try OrderMessage(fields + (trace.map { [("trace_id", $0)] } ?? []), as: kind, entry: entry)
  }
}

extension OrderMessage {
  /// The order; nil where none can be made.
  var intent: Intent? {
    if case .order(let intent) = content { intent } else { nil }
  }

  var rejection: String? {
    if case .rejected(_, let reason) = content { reason } else { nil }
  }
}
