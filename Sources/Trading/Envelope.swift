/// What every entry of a trading stream is: flat strings around a payload of JSON text.
package struct Envelope: Sendable, Hashable {
  package var eventType: String
  /// JSON text.
  package var payload: String
  package var traceID: TraceID
  package var correlationID: String
  /// When the entry was made; for people. The payload has the timestamp that counts.
  package var timestamp: String
  /// The program that wrote it.
  package var source: String
  /// Whether it is marked as a probe, which can never become an order.
  package var isProbe: Bool

  package init(
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

  /// Reads an entry of our own services', strictly. `trace_id` may be missing; every other field has to be there, and only `event_type` and `payload`
  /// must not be empty. Fields of other names are passed over.
  package init(fields: [(name: String, value: String)]) throws(MessageError) {
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

  /// The entry as it is written, in the order of the contract.
  package var fields: [(name: String, value: String)] {
    let fields = [
      (name: "event_type", value: eventType), (name: "payload", value: payload),
      (name: "trace_id", value: traceID.text),
      (name: "correlation_id", value: correlationID), (name: "timestamp", value: timestamp),
      (name: "source", value: source),
    ]
    return isProbe ? fields + [(Probe.field, Probe.marker)] : fields
  }
}

/// Takes the fields of an entry out by name. There are six or seven, so looking along them is the fastest way.
struct EnvelopeFields {
  private let fields: [(name: String, value: String)]

  init(_ fields: [(name: String, value: String)]) {
    self.fields = fields
  }

  func optional(_ name: String) throws(MessageError) -> String? {
    var found: String?
    for field in fields where field.name == name {
      guard found == nil else { throw MessageError("the entry has the field '\(name)' twice") }
      found = field.value
    }
    return found
  }

  func required(_ name: String, mayBeEmpty: Bool) throws(MessageError) -> String {
    guard let value = try optional(name) else {
      throw .missing(name, should: mayBeEmpty ? "a text" : "a text that is not empty")
    }
    guard mayBeEmpty || !value.isEmpty else { throw .wrong(name, is: "empty", should: "a text that is not empty") }
    return value
  }
}
