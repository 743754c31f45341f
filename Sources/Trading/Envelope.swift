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
  public init(fields: [(name: String, value: String)]) throws(MessageError) {
    let fields = EnvelopeFields(fields)
    eventType = try fields.required("event_type", mayBeEmpty: false)
    payload = try fields.required("payload", mayBeEmpty: false)
    correlationID = try fields.required("correlation_id", mayBeEmpty: true)
    timestamp = try fields.required("timestamp", mayBeEmpty: true)
    source = try fields.required("source", mayBeEmpty: true)
    traceID = try TraceID(try fields.optional("trace_id"), payload: payload)
    if let marker = try fields.optional(Probe.field) {
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
}
