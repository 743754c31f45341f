import EventBus
import Redis
import TestSupport
import Trading

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
