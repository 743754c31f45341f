/// The names on the bus. Other programs rely on them.
package enum Names {
  package enum Stream {
    package static let decisions = "quantum:stream:ai.decision.made"
    package static let intents = "quantum:stream:trade.intent"
    package static let results = "quantum:stream:execution.result"
    package static let deadLetters = "quantum:stream:dead.letter"
  }

  package enum Group {
    /// The router's, on the decisions.
    package static let router = "quantum:group:router:ai.decision.made"
    /// Execution's, on the intents.
    package static let execution = "quantum:group:execution:trade.intent"
  }

  /// The values of an envelope's `event_type`.
  package enum EventType {
    package static let decision = "ai.decision.made"
    package static let intent = "trade.intent"
    package static let result = "execution.result"
  }

  package enum Key {
    /// What every key of layer 1 begins with.
    package static let tradeIntentPrefix = "quantum:dedup:trade_intent:"
    /// What every key of layer 2 begins with.
    package static let orderPrefix = "quantum:dedup:order:"

    /// Layer 1: whether a decision became an intent.
    package static func tradeIntent(_ trace: TraceID) -> String {
      tradeIntentPrefix + trace.text
    }

    /// Layer 2: which trace owns the order for a symbol at a time, the decision's own in full. A probe's has its trace
    /// behind it, since probes share one symbol and must never be taken for twins of each other.
    package static func order(_ intent: Intent, of trace: TraceID, isProbe: Bool) -> String {
      order(intent.symbol, intent.timestamp.text, trace, isProbe)
    }

    /// The keys of layer 2.
    package struct Order: Sendable, Hashable {
      /// With the timestamp in the decision's own words, as other programs know it.
      package let own: String
      /// Shared by all words for the same moment, as a date or as a number, whichever the decision has.
      package let shared: String
      /// What a decision of this moment has that is stamped in the other way.
      package let other: String
    }

    package static func orders(_ intent: Intent, of trace: TraceID, isProbe: Bool) -> Order {
      let names = intent.timestamp.names
      return Order(
        own: order(intent, of: trace, isProbe: isProbe), shared: order(intent.symbol, names.own, trace, isProbe),
        other: order(intent.symbol, names.other, trace, isProbe))
    }

    private static func order(_ symbol: Symbol, _ time: String, _ trace: TraceID, _ isProbe: Bool) -> String {
      let key = "\(orderPrefix)\(symbol)_\(time)"
      return isProbe ? "\(key)_\(trace.text)" : key
    }

    /// The state of a trace's order. It outlives layer 2.
    package static func orderState(_ trace: TraceID) -> String {
      "quantum:order:" + trace.text
    }

    /// The state of what was asked for under a trace that had been used for another action.
    package static func conflictState(_ trace: TraceID, _ action: Substring) -> String {
      "quantum:order.conflict:\(action):\(trace.text)"
    }

    /// Where a group of ours began to read.
    package static func started(_ group: String) -> String {
      "quantum:started:" + group
    }

    /// The latest epoch of execution; only the process that took it may settle.
    package static let executionEpoch = "quantum:epoch:execution"
    /// The mark of a Redis that execution has traded on.
    package static let dataLossMark = "quantum:genesis"
    /// A hash of the losses of this Redis that were found, by their ids.
    package static let dataLoss = "quantum:redis:loss"
    /// Set by an operator to the id of a loss, to accept it and all that came before it.
    package static let dataLossAccepted = "quantum:redis:loss:accepted"
  }

  /// How long both layers remember.
  package static let memory: Duration = .seconds(86_400)
}
