internal import EventBus
internal import Glibc
internal import Redis
internal import Trading

/// The first user's proof on services that run: two events of one trace must come out once.
struct LiveProof {
  /// What a round has left behind.
  struct Outcome: CustomStringConvertible {
    let trace: String
    var intents = 0
    var results: [String] = []
    var skips = 0

    var isGood: Bool { intents == 1 && results.count == 1 && skips == 1 }

    var description: String {
      "trace_id=\(trace) \(intents) intent\(intents == 1 ? "" : "s"), "
        + (results.isEmpty ? "no terminal state" : results.joined(separator: ", ")) + ", \(skips) DUPLICATE_SKIP"
    }
  }

  private let connections: [Connection]
  private let symbol: String
  private let price: Double
  private let patience: Duration
  private let log: SkipLog

  init(at endpoint: Endpoint, symbol: String, price: Double, within patience: Duration, log: SkipLog) throws {
    connections = try (1...2).map { try Connection(to: endpoint, options: .init(clientName: "proof-\($0)")) }
    self.symbol = symbol
    self.price = price
    self.patience = patience
    self.log = log
  }

  /// One round: the second event is sent when the first has become an intent.
  func sequential() throws -> Outcome {
    let places = try places()
    let trace = Self.trace()
    let moment = Timestamp.now()
    try publish(trace, moment, "idempotency_proof", on: connections[0])
    _ = try wait(for: [trace], since: places) { $0.intents > 0 }
    try publish(trace, moment, "idempotency_proof_DUP", on: connections[0])
    return try wait(for: [trace], since: places, until: \.isGood).first ?? Outcome(trace: trace)
  }

  /// All rounds at once: each connection writes one event of every trace, the second one backwards.
  func concurrent(_ count: Int) throws -> [Outcome] {
    let places = try places()
    let now = Timestamp.now()
    let traces = (0..<count).map { (Self.trace(), now.adding(.microseconds($0))) }
    for index in 0..<count {
      try publish(traces[index].0, traces[index].1, "one", on: connections[0])
      try publish(traces[count - 1 - index].0, traces[count - 1 - index].1, "other", on: connections[1])
    }
    return try wait(for: traces.map(\.0), since: places, until: \.isGood)
  }

  private static func trace() -> String {
    "proof-" + String(UInt64.random(in: .min ... .max), radix: 16)
  }

  private func publish(_ trace: String, _ moment: Timestamp, _ test: String, on connection: Connection) throws {
    let (stop, target) = (price * 0.95, price * 1.05)
    let payload = """
      {"symbol": "\(symbol)", "side": "buy", "confidence": 0.96, "entry_price": \(price), "quantity": 100.0, \
      "leverage": 1, "stop_loss": \(stop), "take_profit": \(target), "timestamp": "\(moment)", "test": "\(test)", \
      "model": "proof"}
      """
    let fields = [
      Field("event_type", Names.EventType.decision), Field("payload", payload), Field("trace_id", trace),
      Field("correlation_id", trace), Field("timestamp", moment.text), Field("source", "quantum-proof"),
    ]
    try Stream(Names.Stream.decisions).publish(fields, on: connection)
  }

  /// The ends of the streams that are looked at.
  private func places() throws -> [String: String] {
    var places: [String: String] = [:]
    for stream in [Names.Stream.intents, Names.Stream.results] {
      places[stream] = try connections[0].ask(Stream(stream).newest(limit: 1)).first?.id ?? "0-0"
    }
    return places
  }

  /// Looks until all traces are as they should be or the time is up, and a little longer: one too many comes late.
  private func wait(
    for traces: [String], since places: [String: String], until isDone: (Outcome) -> Bool
  ) throws -> [Outcome] {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end, try !look(traces, since: places).allSatisfy(isDone) { usleep(20_000) }
    usleep(200_000)
    return try look(traces, since: places)
  }

  private func look(_ traces: [String], since places: [String: String]) throws -> [Outcome] {
    var outcomes = Dictionary(uniqueKeysWithValues: traces.map { ($0, Outcome(trace: $0)) })
    for entry in try entries(Names.Stream.intents, places) {
      if let trace = entry["trace_id"] { outcomes[trace]?.intents += 1 }
    }
    for entry in try entries(Names.Stream.results, places) {
      guard let trace = entry["trace_id"], outcomes[trace] != nil else { continue }
      let envelope = try? Envelope(fields: (entry.fields ?? []).map { ($0.name, $0.value) })
      let result = envelope.flatMap { try? OrderResult($0) }
      let reason = result.map { $0.reason.isEmpty ? "" : " (\($0.reason))" } ?? ""
      outcomes[trace]?.results.append((result?.status.rawValue.uppercased() ?? "unreadable") + reason)
    }
    for (trace, count) in try log.skips(of: traces) { outcomes[trace]?.skips = count }
    return traces.compactMap { outcomes[$0] }
  }

  private func entries(_ stream: String, _ places: [String: String]) throws -> [Entry] {
    var entries: [Entry] = []
    var place = places[stream] ?? "0-0"
    while true {
      let page = try connections[0].ask(Stream(stream).range(from: "(" + place, limit: 1000))
      entries += page
      guard page.count == 1000, let last = page.last else { return entries }
      place = last.id
    }
  }
}
