import EventBus
import Redis
import TestSupport
import Trading

/// What is left when all is done: streams, ledger and logs.
struct Evidence {
  struct Skip {
    let program: String
    let trace: String
    let entry: String
  }

  /// By trace.
  let decisions: [String: [Entry]]
  let intents: [String: [Entry]]
  let results: [String: [OrderResult]]
  let letters: [Entry]
  /// By client order id.
  let orders: [String: [LedgerLine]]
  let skips: [Skip]
  /// By trace.
  let terminalLines: [String: Int]
  let pending: Int
  let undelivered: Int

  init(_ stage: Stage, logs: [(program: String, lines: [Substring])]) throws {
    let connection = try stage.redis.connect()
    func entries(_ stream: String) throws -> [String: [Entry]] {
      Dictionary(grouping: try Self.all(stream, connection)) { $0["trace_id"] ?? "" }
    }
    decisions = try entries(Names.Stream.decisions)
    intents = try entries(Names.Stream.intents)
    results = try entries(Names.Stream.results).mapValues { entries in
      try entries.map { try OrderResult(try Envelope(fields: ($0.fields ?? []).map { ($0.name, $0.value) })) }
    }
    letters = try Self.all(Names.Stream.deadLetters, connection)
    orders = Dictionary(grouping: try stage.venue.ledger(), by: \.clientOrderID)
    skips = logs.flatMap { log in log.lines.compactMap { Self.skip(in: $0, of: log.program) } }
    let ends = logs.flatMap { $0.lines.filter { $0.contains("TERMINAL STATE: ") } }
    terminalLines = ends.reduce(into: [:]) { counts, line in
      if let trace = Self.word(after: "trace_id=", in: line) { counts[trace, default: 0] += 1 }
    }
    let progress = try Progress(connection)
    (pending, undelivered) = (progress.pending, progress.undelivered)
  }

  private static func all(_ stream: String, _ connection: Connection) throws -> [Entry] {
    var entries: [Entry] = []
    while true {
      let more = try connection.ask(
        Stream(stream).range(from: entries.last.map { "(" + $0.id } ?? "-", limit: 5000))
      if more.isEmpty { return entries }
      entries += more
    }
  }

  private static func skip(in line: Substring, of program: String) -> Skip? {
    guard line.contains("DUPLICATE_SKIP trace_id="), let trace = word(after: " trace_id=", in: line),
      let entry = word(after: "STREAM_ID=", in: line)
    else { return nil }
    return Skip(program: program, trace: trace, entry: entry)
  }

  private static func word(after mark: String, in line: Substring) -> String? {
    guard let range = line.firstRange(of: mark) else { return nil }
    return String(line[range.upperBound...].prefix { $0 != " " })
  }
}

/// All that is known of one trace, from streams, keys, ledger and logs, for a person to read.
struct History {
  let connection: Connection
  let evidence: Evidence
  let logs: [(program: String, lines: [Substring])]

  func text(of trace: String) throws -> String {
    var lines = ["history of \(trace)"]
    for (name, entries) in [("decision", evidence.decisions[trace]), ("intent", evidence.intents[trace])] {
      for entry in entries ?? [] { lines.append("  \(name) \(entry.id) \(entry["correlation_id"] ?? "")") }
    }
    for result in evidence.results[trace] ?? [] { lines.append("  result \(result.payload)") }
    for letter in evidence.letters where letter["entry.trace_id"] == trace {
      lines.append("  dead letter \(letter["source"] ?? "") \(letter["id"] ?? ""): \(letter["reason"] ?? "")")
    }
    let id = try TraceID(trace, payload: "")
    for key in [Names.Key.tradeIntent(id)] {
      lines.append("  key \(key) = \(try connection.call(["GET", key]).string ?? "none")")
    }
    let state = try connection.call(["HGETALL", Names.Key.orderState(id)]).array ?? []
    lines.append("  key \(Names.Key.orderState(id)) = \(state.map { $0.string ?? "?" }.joined(separator: " "))")
    for order in evidence.orders[id.clientOrderID] ?? [] { lines.append("  ledger \(order.text)") }
    let entries = Set(((evidence.decisions[trace] ?? []) + (evidence.intents[trace] ?? [])).map(\.id))
    for log in logs {
      for line in log.lines
      where line.contains(trace + " ") || line.hasSuffix(trace) || entries.contains(where: { line.contains($0) }) {
        lines.append("  \(log.program): \(line)")
      }
    }
    return lines.joined(separator: "\n")
  }
}
