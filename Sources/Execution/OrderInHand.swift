internal import EventBus
internal import Trading

/// An intent as it is worked on, with everything that follows from it alone.
struct OrderInHand {
  let entryID: String
  let intent: Intent
  let trace: TraceID
  let isProbe: Bool
  let claimKey: String
  let stateKey: String
  let clientOrderID: String
  private let correlationID: String

  init(_ entry: Entry) throws(MessageError) {
    guard entry.isText else { throw MessageError("the entry has a field that is not UTF-8") }
    let envelope = try Envelope(fields: (entry.fields ?? []).map { ($0.name, $0.value) })
    entryID = entry.id
    intent = try Intent(envelope)
    trace = envelope.traceID
    isProbe = envelope.isProbe
    correlationID = envelope.correlationID
    claimKey = Names.Key.order(intent, of: trace, isProbe: isProbe)
    stateKey = Names.Key.orderState(trace)
    clientOrderID = trace.clientOrderID
  }

  /// When the decision was made, in milliseconds since 1970.
  var made: Int64? {
    intent.timestamp.seconds * 1000 + Int64(intent.timestamp.nanoseconds / 1_000_000)
  }

  /// nil for a fill without a quantity or a price.
  func result(_ verdict: OrderCourse.Verdict, at now: Timestamp) -> OrderResult? {
    switch verdict {
    case .filled(let id, let quantity, let price, let fee):
      .filled(
        intent, orderID: id, clientOrderID: clientOrderID, quantity: quantity, averagePrice: price, feeUSD: fee,
        at: now)
    case .rejected(let id, let reason):
      .rejected(intent, reason: reason, orderID: id, clientOrderID: clientOrderID, at: now)
    case .failed(let id, let reason):
      .failed(intent, reason: reason, orderID: id, clientOrderID: clientOrderID, at: now)
    }
  }

  /// The entry that tells of a result.
  func envelope(of result: OrderResult) -> [Field] {
    let envelope = Envelope(
      eventType: Names.EventType.result, payload: result.payload, traceID: trace, correlationID: correlationID,
      timestamp: result.timestamp.text, source: Executor.source, isProbe: isProbe)
    return envelope.fields.map { Field($0.name, $0.value) }
  }
}
