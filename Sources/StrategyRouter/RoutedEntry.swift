internal import EventBus
internal import Trading

/// What the router makes of one entry, before anything is written.
struct RoutedEntry {
  let item: RouteOnce.Item
  /// nil when the entry is malformed.
  let trace: TraceID?
  /// Why it is malformed; nil when it is not.
  let fault: String?

  init(_ entry: Entry, at now: Timestamp, source: String) {
    do {
      let decided = try Envelope(entry)
      let intent = Intent(try Decision(decided), source: source)
      let envelope = Envelope(
        eventType: Names.EventType.intent, payload: intent.payload, traceID: decided.traceID,
        correlationID: decided.correlationID, timestamp: now.text, source: source, isProbe: decided.isProbe)
      item = .publish(
        id: entry.id, key: Names.Key.tradeIntent(decided.traceID), digest: decided.payloadDigest,
        fields: envelope.fields.map { Field($0.name, $0.value) })
      trace = decided.traceID
      fault = nil
    } catch {
      item = .deadLetter(id: entry.id, reason: error.reason)
      trace = nil
      fault = error.reason
    }
  }
}

extension Envelope {
  fileprivate init(_ entry: Entry) throws(MessageError) {
    guard entry.isText else { throw MessageError("the entry has a field that is not UTF-8") }
    try self.init(fields: (entry.fields ?? []).map { ($0.name, $0.value) })
  }
}
