/// The log lines that operators grep for and that `qtctl verify` reads, letter by letter.
package enum LogLine {
  /// The journal fields that each of them has.
  package enum Field {
    package static let trace = "TRACE_ID"
    package static let event = "QT_EVENT"
    package static let stream = "STREAM_ID"
  }

  /// The values of the field `QT_EVENT`.
  package enum Event: String, Sendable {
    case duplicateSkip = "DUPLICATE_SKIP"
    case terminalState = "TERMINAL_STATE"
    case conflict = "CONFLICT"
    case hold = "HOLD"
    case deadLetter = "DEAD_LETTER"
    case lost = "ENTRY_LOST"
    case routed = "ROUTED"
    case takenOver = "TAKEN_OVER"
  }

  /// The fields of a line about an entry; of a malformed one the trace is not known.
  package static func fields(_ event: Event, _ trace: TraceID?, stream id: String) -> [String: String] {
    var fields = [Field.event: event.rawValue, Field.stream: id]
    if let trace { fields[Field.trace] = trace.text }
    return fields
  }

  package static func duplicateSkip(_ trace: TraceID) -> String {
    "DUPLICATE_SKIP trace_id=\(trace)"
  }

  package static func terminalState(_ result: OrderResult, _ trace: TraceID) -> String {
    let order = "TERMINAL STATE: \(result.status.rawValue.uppercased()) | \(result.symbol) \(result.action.rawValue)"
    return result.status == .filled
      ? "\(order) | trace_id=\(trace)" : "\(order) | Reason: \(result.reason) | trace_id=\(trace)"
  }

  /// A decision to do nothing.
  package static func hold(_ message: OrderMessage) -> String {
    "HOLD | \(message.symbolName) | trace_id=\(message.traceID)"
  }

  /// Follows the skip of a repetition that says something else than the first message of its trace did.
  package static func conflict(_ trace: TraceID, _ difference: String) -> String {
    "CONFLICT trace_id=\(trace): \(difference); the first one counts, this one is a dead letter"
  }
}
