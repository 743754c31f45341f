/// What every entry of a trading stream is: flat strings around a payload of JSON text.
public struct Envelope: Sendable, Hashable {
  public var eventType: String
  /// JSON text.
  public var payload: String
  public var traceID: TraceID
  public var correlationID: String
  /// When the entry was made; for people. The payload has the timestamp that counts.
  public var timestamp: String
  /// The program that wrote it.
  public var source: String
  /// Whether it is marked as a probe, which can never become an order.
  public var isProbe: Bool

  public init(
    eventType: String, payload: String, traceID: TraceID, correlationID: String, timestamp: String, source: String,
    isProbe: Bool = false
  ) {
    self.eventType = eventType
    self.payload = payload
    self.traceID = traceID
    self.correlationID = correlationID
    self.timestamp = timestamp
    self.source = source
    self.isProbe = isProbe
  }

  /// Reads an entry. `trace_id` may be missing; every other field has to be there, and only `event_type` and `payload`
  /// must not be empty. Fields of other names are passed over.
  public init(fields: some Sequence<(name: String, value: String)>) throws(MessageError) {
    var known: [String: String] = [:]
    for (name, value) in fields where Self.names.contains(name) {
      guard known.updateValue(value, forKey: name) == nil else {
        throw MessageError("the entry has the field '\(name)' twice")
      }
    }
    func text(_ name: String, mayBeEmpty: Bool) throws(MessageError) -> String {
      let should = mayBeEmpty ? "a text" : "a text that is not empty"
      guard let value = known[name] else { throw .missing(name, should: should) }
      guard mayBeEmpty || !value.isEmpty else { throw .wrong(name, is: "empty", should: should) }
      return value
    }
    eventType = try text("event_type", mayBeEmpty: false)
    payload = try text("payload", mayBeEmpty: false)
    correlationID = try text("correlation_id", mayBeEmpty: true)
    timestamp = try text("timestamp", mayBeEmpty: true)
    source = try text("source", mayBeEmpty: true)
    traceID = try TraceID(known["trace_id"], payload: payload)
    if let marker = known[Probe.field] {
      guard marker == Probe.marker else {
        throw .wrong(Probe.field, is: marker.quoted, should: "'\(Probe.marker)' or not there at all")
      }
      isProbe = true
    } else {
      isProbe = false
    }
  }

  /// Tells a repetition from another payload under the same trace.
  public var payloadDigest: String { Digest.hex(payload) }

  /// The entry as it is written, in the order of the contract.
  public var fields: [(name: String, value: String)] {
    let fields = [
      ("event_type", eventType), ("payload", payload), ("trace_id", traceID.text), ("correlation_id", correlationID),
      ("timestamp", timestamp), ("source", source),
    ]
    return isProbe ? fields + [(Probe.field, Probe.marker)] : fields
  }

  private static let names: Set = [
    "event_type", "payload", "trace_id", "correlation_id", "timestamp", "source", Probe.field,
  ]
}
