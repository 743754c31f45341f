import EventBus
import Testing

@testable import Execution

@Suite struct OrderCourseTests {
  private let fresh = OrderCourse(owner: "t-1", staleness: nil)
  private let soon = Deadline(milliseconds: 1000)
  private let later = Deadline(milliseconds: 2000)
  private let stale = OrderCourse(owner: "t-1", staleness: "stale: 9 s old")

  @Test func anOrderIsClaimedFirst() {
    #expect(fresh.started() == .claim)
    #expect(fresh.claimed(.fresh(until: soon)) == .submit(before: soon))
  }

  @Test func aClaimThatWasThereAsksTheExchangeFirst() {
    let resumed = SettleOnce.Claim.resumed(earlier: soon)
    #expect(fresh.claimed(resumed) == .lookUp(sentBefore: soon))
    #expect(fresh.lookedUp(nil) == .reopen)
    #expect(fresh.reopened(until: later) == .submit(before: later))
    // What was sent before it grew stale may live.
    #expect(stale.claimed(resumed) == .lookUp(sentBefore: soon))
  }

  @Test func aTwinAndASettledOrderAreSkipped() {
    #expect(fresh.claimed(.twin(of: "t-0")) == .skip(owner: "t-0"))
  }

  @Test func aStaleIntentIsRejectedUnlessItsOrderLives() {
    let rejected = OrderCourse.Action.settle(.rejected(id: "", reason: "stale: 9 s old"))
    // Also where Redis knows of none: it may have lost the claim.
    #expect(stale.claimed(.fresh(until: soon)) == .lookUp(sentBefore: Deadline(milliseconds: 0)))
    #expect(stale.lookedUp(nil) == rejected)
    let order = ExchangeOrder(id: "7", state: .filled(quantity: 1, averagePrice: 2, feeUSD: 0))
    #expect(stale.lookedUp(order) == .settle(.filled(id: "7", quantity: 1, averagePrice: 2, feeUSD: 0)))
  }

  @Test func whatRedisMayHaveLostIsAskedForFirst() {
    for course in [
      OrderCourse(owner: "t-1", staleness: nil, doubt: later), .init(owner: "t-1", staleness: "s", doubt: later),
    ] {
      #expect(course.claimed(.fresh(until: soon)) == .lookUp(sentBefore: later))
    }
    #expect(OrderCourse(owner: "t-1", staleness: nil, doubt: later).lookedUp(nil) == .reopen)
  }

  @Test func noAnswerIsWaitedForAndNeverSentAgain() {
    #expect(fresh.unanswered(ExchangeError("timeout")) == .wait(reason: "the exchange gave no answer: timeout"))
  }

  @Test(arguments: [(nil, 2), (1, nil), (0, 2), (1, 0), (nil, nil)] as [(Double?, Double?)])
  func aFillWithoutQuantityOrPriceIsNone(_ quantity: Double?, _ price: Double?) {
    let order = ExchangeOrder(id: "7", state: .filled(quantity: quantity, averagePrice: price, feeUSD: 0))
    let wait = OrderCourse.Action.wait(reason: "order '7' is called filled, but without a quantity and a price")
    #expect(fresh.submitted(order) == wait)
    #expect(fresh.lookedUp(order) == wait)
  }

  @Test(arguments: [
    (ExchangeOrder.State.open, OrderCourse.Action.wait(reason: "order '7' is still open")),
    (.rejected(reason: "no"), .settle(.rejected(id: "7", reason: "no"))),
    (.dead(reason: "expired"), .settle(.failed(id: "7", reason: "expired"))),
  ])
  func anOrderEndsAsTheExchangeSays(_ state: ExchangeOrder.State, _ action: OrderCourse.Action) {
    #expect(fresh.submitted(ExchangeOrder(id: "7", state: state)) == action)
    #expect(fresh.lookedUp(ExchangeOrder(id: "7", state: state)) == action)
  }
}
