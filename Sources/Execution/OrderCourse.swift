internal import EventBus
internal import Trading

/// Decides what is done next about one intent. Does nothing itself: each method is told what happened and returns the
/// next action.
///
/// An order is claimed before anything else. A claim that was there already may have been followed by an order, so the
/// exchange is asked before anything is sent, and so it is where Redis may have lost the claim (`doubt`), and before an
/// intent is called stale or a twin. Where the record names a twin whose claim Redis does not show, the exchange is asked
/// for that one's order too. An exchange that gives no answer is asked again later, never sent to again. What is sent
/// carries the end of its claim's window, so that "there is none" can be said for good.
struct OrderCourse {
  enum Action: Equatable {
    case claim
    /// Ask for what was sent before.
    ///
    /// - Parameter twinOf: Who holds the claim, where it is another trace.
    case lookUp(sentBefore: Deadline, twinOf: String? = nil)
    /// Ask for the orders of twins that Redis does not know of.
    case lookUpTwins(Doubt.Twins)
    /// There is nothing, and nothing can come: have an order allowed anew.
    case reopen
    case submit(before: Deadline)
    case settle(Verdict)
    /// Its trace has had its effect or its end: nothing is left to do.
    ///
    /// - Parameter first: What came first under the trace; nil where that is not known.
    case skip(first: OrderSummary?)
    /// Another action came first under the trace: this one is refused, and that one's state stays.
    case refuse(first: OrderSummary)
    /// Leave the entry pending and come back to it.
    case wait(reason: String)
  }

  /// A terminal state.
  enum Verdict: Equatable {
    case filled(id: String, quantity: Double, averagePrice: Double, feeUSD: Double)
    case rejected(id: String, reason: String)
    case failed(id: String, reason: String)
  }

  /// What is asked for.
  let summary: OrderSummary
  /// Why it is refused whatever the exchange would say; nil when it is not.
  let refusal: String?
  /// Why no order may be made any more; nil when one may.
  let staleness: String?
  /// What Redis may have lost.
  let doubt: Doubt

  init(_ summary: OrderSummary, refusal: String? = nil, staleness: String? = nil, doubt: Doubt = Doubt()) {
    self.summary = summary
    self.refusal = refusal
    self.staleness = staleness
    self.doubt = doubt
  }

  func started() -> Action {
    guard let begun = doubt.begunAs, begun != summary.action else { return .claim }
    // The state that would tell so may be lost. Nothing is claimed: the order of the trace is the first one's.
    return .refuse(first: OrderSummary(text: begun))
  }

  func claimed(_ claim: SettleOnce.Claim) -> Action {
    switch claim {
    case .fresh(let until):
      if let refusal { return .settle(.rejected(id: "", reason: refusal)) }
      if let own = doubt.own { return .lookUp(sentBefore: own) }
      // Nothing was sent as far as anybody knows, so that no answer has to be waited for.
      if staleness != nil { return .lookUp(sentBefore: Deadline(milliseconds: 0)) }
      return doubt.twins.map { .lookUpTwins($0) } ?? .submit(before: until)
    case .resumed(let earlier, let order):
      let first = order.map { OrderSummary(text: $0) }
      if let first, first.action != summary.action { return .refuse(first: first) }
      return .lookUp(sentBefore: earlier)
    case .twin(Self.oldHolder):
      return .settle(.failed(id: "", reason: "begun by the old service, look at the exchange"))
    case .twin(let other):
      // Its order may have come first, and the other's claim after Redis had lost its own.
      if let own = doubt.own { return .lookUp(sentBefore: own, twinOf: other) }
      return .settle(.rejected(id: "", reason: "duplicate of \(other)"))
    case .settled(let state): return met(state.order)
    }
  }

  /// What the services before ours wrote as the holder of every claim.
  private static let oldHolder = "1"

  /// The trace has its terminal state already.
  func met(_ order: String?) -> Action {
    let first = order.map { OrderSummary(text: $0) }
    if let first, first.action != summary.action { return .refuse(first: first) }
    return .skip(first: first)
  }

  func lookedUp(_ order: ExchangeOrder?, twinOf holder: String? = nil) -> Action {
    if let order { return judge(order) }
    // The exchange is sure that nothing was made, so it is as on the first delivery.
    if let holder { return .settle(.rejected(id: "", reason: "duplicate of \(holder)")) }
    return rejection ?? doubt.twins.map { .lookUpTwins($0) } ?? .reopen
  }

  /// - Parameter found: The client order id of a twin that has an order, whose trace nobody knows any more; nil when
  ///   there is none.
  func lookedUpTwins(_ found: String?) -> Action {
    found.map { .settle(.rejected(id: "", reason: "duplicate of order \($0)")) } ?? .reopen
  }

  func reopened(until deadline: Deadline) -> Action {
    rejection ?? .submit(before: deadline)
  }

  func submitted(_ order: ExchangeOrder) -> Action {
    judge(order)
  }

  func unanswered(_ error: ExchangeError) -> Action {
    .wait(reason: error.description)
  }

  private var rejection: Action? {
    (refusal ?? staleness).map { .settle(.rejected(id: "", reason: $0)) }
  }

  private func judge(_ order: ExchangeOrder) -> Action {
    switch order.state {
    case .open: return .wait(reason: "order '\(order.id)' is still open")
    case .rejected(let reason): return .settle(.rejected(id: order.id, reason: reason))
    case .dead(let reason): return .settle(.failed(id: order.id, reason: reason))
    case .filled(let quantity, let price, let fee):
      guard let quantity, let price, quantity > 0, price > 0 else {
        return .wait(reason: "order '\(order.id)' is called filled, but without a quantity and a price")
      }
      return .settle(.filled(id: order.id, quantity: quantity, averagePrice: price, feeUSD: fee))
    }
  }
}
