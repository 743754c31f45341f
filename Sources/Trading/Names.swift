/// The names on the bus. Other programs rely on them.
public enum Names {
  public enum Stream {
    public static let decisions = "quantum:stream:ai.decision.made"
    public static let intents = "quantum:stream:trade.intent"
    public static let results = "quantum:stream:execution.result"
    public static let deadLetters = "quantum:stream:dead.letter"
  }

  public enum Group {
    /// The router's, on the decisions.
    public static let router = "quantum:group:router:ai.decision.made"
    /// Execution's, on the intents.
    public static let execution = "quantum:group:execution:trade.intent"
  }

  /// The values of an envelope's `event_type`.
  public enum EventType {
    public static let decision = "ai.decision.made"
    public static let intent = "trade.intent"
    public static let result = "execution.result"
  }

  public enum Key {
    /// What every key of layer 1 begins with.
    public static let tradeIntentPrefix = "quantum:dedup:trade_intent:"
    /// What every key of layer 2 begins with.
    public static let orderPrefix = "quantum:dedup:order:"

    /// Layer 1: whether a decision became an intent.
    public static func tradeIntent(_ trace: TraceID) -> String {
      tradeIntentPrefix + trace.text
    }

    /// Layer 2: which trace owns the order for a symbol at a time. A probe's has its trace behind it, since probes share
    /// one symbol and must never be taken for twins of each other.
    public static func order(_ intent: Intent, of trace: TraceID, isProbe: Bool) -> String {
      let key = "\(orderPrefix)\(intent.symbol)_\(intent.timestamp.text)"
      return isProbe ? "\(key)_\(trace.text)" : key
    }

    /// The state of a trace's order. It outlives layer 2.
    public static func orderState(_ trace: TraceID) -> String {
      "quantum:order:" + trace.text
    }

    /// The latest epoch of execution; only the process that took it may settle.
    public static let executionEpoch = "quantum:epoch:execution"
    /// The mark of a Redis that execution has traded on.
    public static let dataLossMark = "quantum:genesis"
    /// A hash of the losses of this Redis that were found, by their ids.
    public static let dataLoss = "quantum:redis:loss"
    /// Set by an operator to the id of a loss, to accept it and all that came before it.
    public static let dataLossAccepted = "quantum:redis:loss:accepted"
  }

  /// How long both layers remember.
  public static let memory: Duration = .seconds(86_400)
}
