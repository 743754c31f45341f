/// The log lines that operators grep for and that `qtctl verify` reads, letter by letter.
public enum LogLine {
  /// The journal fields that each of them has.
  public enum Field {
    public static let trace = "TRACE_ID"
    public static let event = "QT_EVENT"
    public static let stream = "STREAM_ID"
  }

  /// The values of the field `QT_EVENT`.
  public enum Event: String, Sendable {
    case duplicateSkip = "DUPLICATE_SKIP"
    case terminalState = "TERMINAL_STATE"
    case conflict = "CONFLICT"
    case deadLetter = "DEAD_LETTER"
    case lost = "ENTRY_LOST"
    case routed = "ROUTED"
    case takenOver = "TAKEN_OVER"
  }

  /// The fields of a line about an entry; of a malformed one the trace is not known.
  public static func fields(_ event: Event, _ trace: TraceID?, stream id: String) -> [String: String] {
    var fields = [Field.event: event.rawValue, Field.stream: id]
    if let trace { fields[Field.trace] = trace.text }
    return fields
  }

  public static func duplicateSkip(_ trace: TraceID) -> String {
    "DUPLICATE_SKIP trace_id=\(trace)"
  }

  public static func terminalState(_ result: OrderResult, _ trace: TraceID) -> String {
    let order = "TERMINAL STATE: \(result.status.rawValue.uppercased()) | \(result.symbol) \(result.action.rawValue)"
    return result.status == .filled
      ? "\(order) | trace_id=\(trace)" : "\(order) | Reason: \(result.reason) | trace_id=\(trace)"
  }
}
