import EventBus
import Testing
import Trading

@testable import Execution

@Suite struct OrderCourseTests {
  private static let order = "BUY BTCUSDT 500 50000 - - 10 2026-01-31T12:00:00.000000+00:00 0.9"
  private let fresh = OrderCourse(OrderSummary(text: order))
  private let soon = Deadline(milliseconds: 1000)
  private let later = Deadline(milliseconds: 2000)
  private let stale = OrderCourse(
    OrderSummary(text: order), staleness: "stale: 9 s old")

  @Test func anOrderIsClaimedFirst() {
    #expect(fresh.started() == .claim)
    #expect(fresh.claimed(.fresh(until: soon)) == .submit(before: soon))
  }

  @Test func aClaimThatWasThereAsksTheExchangeFirst() {
    let resumed = SettleOnce.Claim.resumed(earlier: soon, order: Self.order)
    #expect(fresh.claimed(resumed) == .lookUp(sentBefore: soon))
    #expect(fresh.lookedUp(nil) == .reopen)
    #expect(fresh.reopened(until: later) == .submit(before: later))
    // What was sent before it grew stale may live.
    #expect(stale.claimed(resumed) == .lookUp(sentBefore: soon))
  }

  @Test func aTwinIsRejectedAndASettledOrderSkipped() {
    #expect(fresh.claimed(.twin(of: "t-0")) == .settle(.rejected(id: "", reason: "duplicate of t-0")))
    let first = OrderSummary(text: Self.order)
    let state = SettleOnce.State(terminal: "filled", resultID: "1-0", order: Self.order)
    #expect(fresh.claimed(.settled(state)) == .skip(first: first))
    // An earlier version did not write down what it was for.
    #expect(fresh.claimed(.settled(.init(terminal: "filled", resultID: "1-0"))) == .skip(first: nil))
  }

  @Test func anotherActionUnderATraceIsRefused() {
    let close = OrderCourse(OrderSummary(text: Self.order.replacing("BUY", with: "CLOSE")))
    let first = OrderSummary(text: Self.order)
    #expect(
      close.claimed(.settled(.init(terminal: "filled", resultID: "1-0", order: Self.order))) == .refuse(first: first))
    #expect(close.claimed(.resumed(earlier: soon, order: Self.order)) == .refuse(first: first))
    #expect(close.claimed(.resumed(earlier: soon, order: nil)) == .lookUp(sentBefore: soon))
  }

  @Test func whatTheOldServiceBeganIsNeverSent() {
    let failed = OrderCourse.Verdict.failed(id: "", reason: "begun by the old service, look at the exchange")
    #expect(fresh.claimed(.twin(of: "1")) == .settle(failed))
  }

  @Test func whatCannotBeDoneIsRejectedWithoutAQuestion() {
    let course = OrderCourse(OrderSummary(text: Self.order), refusal: "no size")
    #expect(course.claimed(.fresh(until: soon)) == .settle(.rejected(id: "", reason: "no size")))
  }

  @Test func aStaleIntentIsRejectedUnlessItsOrderLives() {
    let rejected = OrderCourse.Action.settle(.rejected(id: "", reason: "stale: 9 s old"))
    // A claim that seems to be the first may be one that Redis has lost.
    #expect(stale.claimed(.fresh(until: soon)) == .lookUp(sentBefore: Deadline(milliseconds: 0)))
    #expect(stale.lookedUp(nil) == rejected)
    let order = ExchangeOrder(id: "7", state: .filled(quantity: 1, averagePrice: 2, feeUSD: 0))
    #expect(stale.lookedUp(order) == .settle(.filled(id: "7", quantity: 1, averagePrice: 2, feeUSD: 0)))
  }

  @Test func whatRedisMayHaveLostIsAskedForFirst() {
    for course in [
      OrderCourse(OrderSummary(text: Self.order), doubt: Doubt(own: later)),
      .init(OrderSummary(text: Self.order), staleness: "s", doubt: Doubt(own: later)),
    ] {
      #expect(course.claimed(.fresh(until: soon)) == .lookUp(sentBefore: later))
    }
    #expect(OrderCourse(OrderSummary(text: Self.order), doubt: Doubt(own: later)).lookedUp(nil) == .reopen)
  }

  @Test func aTwinThatWasBegunItselfIsNotToldADuplicateUnasked() {
    let course = OrderCourse(OrderSummary(text: Self.order), doubt: Doubt(own: later))
    #expect(course.claimed(.twin(of: "t-0")) == .lookUp(sentBefore: later, twinOf: "t-0"))
    let order = ExchangeOrder(id: "7", state: .filled(quantity: 1, averagePrice: 2, feeUSD: 0))
    #expect(
      course.lookedUp(order, twinOf: "t-0") == .settle(.filled(id: "7", quantity: 1, averagePrice: 2, feeUSD: 0)))
    #expect(course.lookedUp(nil, twinOf: "t-0") == .settle(.rejected(id: "", reason: "duplicate of t-0")))
  }

  @Test func theTwinsThatTheRecordNamesAreAskedAboutBeforeAnythingIsSent() {
    let twins = Doubt.Twins(ids: ["qt-1"], sentBefore: later)
    let course = OrderCourse(OrderSummary(text: Self.order), doubt: Doubt(twins: twins))
    #expect(course.claimed(.fresh(until: soon)) == .lookUpTwins(twins))
    // The claim of a twin that Redis still shows is answer enough.
    #expect(course.claimed(.twin(of: "t-0")) == .settle(.rejected(id: "", reason: "duplicate of t-0")))
    #expect(course.claimed(.resumed(earlier: soon, order: nil)) == .lookUp(sentBefore: soon))
    #expect(course.lookedUp(nil) == .lookUpTwins(twins))
    #expect(course.lookedUpTwins("qt-1") == .settle(.rejected(id: "", reason: "duplicate of order qt-1")))
    #expect(course.lookedUpTwins(nil) == .reopen)
  }

  @Test func whatTheRecordHasForAnotherActionIsRefusedWithoutAClaim() {
    func started(_ begun: String?) -> OrderCourse.Action {
      OrderCourse(OrderSummary(text: Self.order), doubt: Doubt(begunAs: begun)).started()
    }
    let own = String(OrderSummary(text: Self.order).action)
    #expect(started(nil) == .claim)
    #expect(started(own) == .claim)
    #expect(started("CLOSE") == .refuse(first: OrderSummary(text: "CLOSE")))
    #expect(started(own + "(reduce_only)") == .refuse(first: OrderSummary(text: own + "(reduce_only)")))
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
