internal import EventBus
internal import Trading

/// An intent as it is worked on, with everything that follows from it alone.
struct OrderInHand {
  let entryID: String
  let intent: Intent
  let trace: TraceID
  let isProbe: Bool
  /// Why no order can be made of it, whatever the exchange would say; nil when one can.
  let refusal: String?
  let summary: OrderSummary
  let claimKeys: Names.Key.Order
  let stateKey: String
  let clientOrderID: String
  /// A number for what it does, the same for its twins.
  let effect: UInt64
  private let correlationID: String

  /// nil when the message asks for nothing.
  init?(_ message: OrderMessage, entry id: String) {
    switch message.content {
    case .hold: return nil
    case .order(let intent): (self.intent, refusal) = (intent, nil)
    case .rejected(let intent, let reason): (self.intent, refusal) = (intent, reason)
    }
    entryID = id
    trace = message.traceID
    isProbe = message.isProbe
    summary = message.summary
    correlationID = message.correlationID
    claimKeys = Names.Key.orders(intent, of: trace, isProbe: isProbe)
    stateKey = Names.Key.orderState(trace)
    clientOrderID = trace.clientOrderID
    effect = EffectIndex.effect(claimKeys.shared)
  }

  /// When the decision was made, in milliseconds since 1970.
  var made: Int64? {
    intent.timestamp.seconds * 1000 + Int64(intent.timestamp.nanoseconds / 1_000_000)
  }

  /// What is claimed for it.
  var effectToClaim: SettleOnce.Effect {
    SettleOnce.Effect(
      claimKeys.own, alias: claimKeys.shared, lookalike: claimKeys.other, state: stateKey, owner: trace.text,
      order: summary.order)
  }

  /// The end that a result is.
  ///
  /// - Parameter state: Its key.
  func ending(_ result: OrderResult, state: String) -> SettleOnce.Ending {
    SettleOnce.Ending(
      entryID, state: state, order: summary.order, terminal: result.status.rawValue, result: envelope(of: result))
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

/// What an entry on the stream of intents says.
enum Reading {
  case order(OrderInHand)
  case hold(OrderMessage)
  case unreadable(reason: String)

  init(_ entry: Entry) {
    do throws(MessageError) {
      guard entry.isText else { throw MessageError("the entry has a field that is not UTF-8") }
      let message = try OrderMessage(
        (entry.fields ?? []).map { ($0.name, $0.value) }, as: .intent, entry: entry.id)
      self = OrderInHand(message, entry: entry.id).map { .order($0) } ?? .hold(message)
    } catch {
      self = .unreadable(reason: error.reason)
    }
  }

  var order: OrderInHand? {
    if case .order(let order) = self { order } else { nil }
  }
}

/// How old an intent may be: orders for a market that has moved on are real money lost.
package struct Freshness: Sendable, Hashable {
  /// The greatest age.
  package let most: Duration

  package init(most: Duration) {
    self.most = most
  }

  /// Why the intent is stale; nil when it is not. Its age is the greater of what its own timestamp says and what the id
  /// of its entry says, since a timestamp in the future must not keep an old entry fresh.
  func staleness(of intent: Intent, entry id: String, at now: Timestamp) -> String? {
    let age = max(now.since(intent.timestamp), Timestamp(entry: id).map(now.since) ?? .zero)
    guard age > most else { return nil }
    return "stale: \(age.components.seconds) s old, at most \(most.components.seconds) s are allowed"
  }
}
