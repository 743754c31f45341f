import Redis
import Testing

@testable import EventBus

/// When a consumer reads ahead and what becomes of that, without a Redis.
@Suite struct ReadAheadStateTests {
  /// A consumer that has drained what is its own and claimed nothing, at time zero.
  private func reading(_ readsAhead: Bool = true) -> ConsumerStateMachine {
    ConsumerStateMachine(
      .init(
        group: Group("g", of: "s"), name: "me", deadLetters: "dead", batch: 4, block: .seconds(1),
        claimInterval: .seconds(15), retryInterval: .seconds(2), entryBytes: 100,
        backoff: Backoff(first: .milliseconds(500), most: .seconds(4), jitter: 0), readsAhead: readsAhead)
    ).drained()
  }

  private func entries(_ numbers: ClosedRange<Int>, bytes: Int = 0) -> [Entry] {
    numbers.map { Entry(id: "1-\($0)", fields: [Field("", String(repeating: "x", count: bytes))]) }
  }

  private func handle(
    _ entries: [Entry], readingAhead limit: Int? = nil
  ) -> ConsumerStateMachine.Action {
    .handle(entries.map { Delivery($0) }, readingAhead: limit)
  }

  @Test func onlyAFullReadingIsFollowedByOneAhead() {
    var consumer = reading()
    #expect(consumer.newRead(entries(1...1), at: .zero) == handle(entries(1...1), readingAhead: 4))
    #expect(
      consumer.handled(.done, ahead: entries(2...5), at: .zero) == handle(entries(2...5), readingAhead: 4))
    #expect(consumer.handled(.done, ahead: entries(6...8), at: .zero) == handle(entries(6...8)))
    #expect(consumer.handled(.done, at: .zero) == .readNew(limit: 4, block: .seconds(1)))
    #expect(consumer.newRead(entries(9...12), at: .zero) == handle(entries(9...12), readingAhead: 4))
    #expect(consumer.handled(.done, ahead: [], at: .zero) == .readNew(limit: 4, block: .seconds(1)))
  }

  @Test func nothingIsReadAheadUnlessItIsWanted() {
    var consumer = reading(false)
    #expect(consumer.newRead(entries(1...1), at: .zero) == handle(entries(1...1)))
    #expect(consumer.handled(.done, at: .zero) == .readNew(limit: 4, block: .seconds(1)))
  }

  @Test func whatIsDueComesBehindWhatIsInHandAndIsNotPutOffAgain() {
    var consumer = reading()
    _ = consumer.newRead(entries(1...1), at: .seconds(14))
    #expect(consumer.handled(.done, ahead: entries(2...5), at: .seconds(15)) == handle(entries(2...5)))
    #expect(consumer.handled(.done, at: .seconds(15)) == .claim)
  }

  @Test func afterAFailureWhatIsInHandIsHandledAndTheRetryKeepsItsTime() {
    var consumer = reading()
    _ = consumer.newRead(entries(1...1), at: .zero)
    let next = consumer.handled(.failed(error: "ERR x"), ahead: entries(2...5), at: .zero)
    #expect(next == handle(entries(2...5), readingAhead: 4))
    #expect(consumer.isRepeated("ERR x"))
    #expect(consumer.handled(.done, ahead: entries(6...9), at: .seconds(2)) == handle(entries(6...9)))
    #expect(consumer.handled(.done, at: .seconds(2)) == .readOwn(after: "0-0"))
  }

  @Test func whileRedisIsSuspectedOrRefusesNothingNewIsHandled() {
    typealias Handled = ConsumerStateMachine.Handled
    for handled in [Handled.repeated, .blocked, .refused] { #expect(!handled.allowsNew) }
    for handled in [Handled.done, .failed(error: nil), .failed(error: "ERR x")] { #expect(handled.allowsNew) }
    var consumer = reading()
    _ = consumer.newRead(entries(1...1), at: .zero)
    _ = consumer.handled(.failed(error: "ERR x"), at: .zero)
    _ = consumer.newRead(entries(2...5), at: .zero)
    #expect(consumer.handled(.repeated, at: .zero) == .readNew(limit: 1, block: .milliseconds(1)))
    #expect(consumer.newRead(entries(6...6), at: .zero) == handle(entries(6...6)))
    #expect(consumer.handled(.done, at: .zero) == .readNew(limit: 4, block: .seconds(1)))
  }

  @Test func aStopReadsNothingAheadAndFinishesWhatIsInHand() {
    var consumer = reading()
    let inHand = consumer.newRead(entries(1...1), at: .zero)
    #expect(consumer.stop(before: inHand) == handle(entries(1...1)))
    #expect(consumer.handled(.done, at: .zero) == .leave)
    var other = reading()
    _ = other.newRead(entries(1...1), at: .zero)
    // The signal came while the handler worked.
    let ahead = other.handled(.done, ahead: entries(2...5), at: .zero)
    #expect(other.stop(before: ahead) == handle(entries(2...5)))
    #expect(other.handled(.done, at: .zero) == .leave)
  }

  @Test func whatIsTooLargeInWhatWasReadAheadIsReadAsAnOwnOneNext() {
    var consumer = reading()
    _ = consumer.newRead(entries(1...1), at: .zero)
    let ahead = entries(2...4) + entries(5...5, bytes: 200)
    #expect(consumer.handled(.done, ahead: ahead, at: .zero) == handle(entries(2...4)))
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "0-0"))
  }
}
