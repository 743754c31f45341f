internal import EventBus

/// Decides what is done next about one intent. Does nothing itself: each method is told what happened and returns the
/// next action.
///
/// An order is claimed before anything else. A claim that was there already may have been followed by an order, so the
/// exchange is asked before anything is sent, and so it is where Redis may have lost the claim (`doubt`), and before an
/// intent is called stale. An exchange that gives no answer is asked again later, never sent to again. What is sent carries the end of its claim's window, so that "there is none" can be said for good.
struct OrderCourse {
  enum Action: Equatable {
    case claim
    /// Ask for what was sent before.
    case lookUp(sentBefore: Deadline)
    /// There is nothing, and nothing can come: have an order allowed anew.
    case reopen
    case submit(before: Deadline)
    case settle(Verdict)
    /// The effect is another entry's: acknowledge this one.
    case skip(owner: String)
    /// Leave the entry pending and come back to it.
    case wait(reason: String)
  }

  /// A terminal state.
  enum Verdict: Equatable {
    case filled(id: String, quantity: Double, averagePrice: Double, feeUSD: Double)
    case rejected(id: String, reason: String)
    case failed(id: String, reason: String)
  }

  /// The trace of the intent.
  let owner: String
  /// Why no order may be made any more; nil when one may.
  let staleness: String?
  /// Until when an order that Redis does not know of may have been sent; nil when there can be none.
  let doubt: Deadline?

  init(owner: String, staleness: String?, doubt: Deadline? = nil) {
    self.owner = owner
    self.staleness = staleness
    self.doubt = doubt
  }

  func started() -> Action {
    .claim
  }

  func claimed(_ claim: SettleOnce.Claim) -> Action {
    switch claim {
    case .fresh(let until):
      if let doubt {
        .lookUp(sentBefore: doubt)
      } else if staleness != nil {
        // Nothing was sent as far as anybody knows, so that no answer has to be waited for.
        .lookUp(sentBefore: Deadline(milliseconds: 0))
      } else {
        .submit(before: until)
      }
    case .resumed(let earlier): .lookUp(sentBefore: earlier)
    case .twin(let other): .skip(owner: other)
    case .settled: .skip(owner: owner)
    }
  }

  func lookedUp(_ order: ExchangeOrder?) -> Action {
    // The exchange is sure that nothing was made, so it is as on the first delivery.
    if let order { judge(order) } else { rejection ?? .reopen }
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
    staleness.map { .settle(.rejected(id: "", reason: $0)) }
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
