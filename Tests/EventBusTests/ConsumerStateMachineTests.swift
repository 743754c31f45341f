import Redis
import Testing

@testable import EventBus

/// Every order of events, without a Redis.
@Suite struct ConsumerStateMachineTests {
  private func make(deliveries: Int = 3, batch: Int = 10) -> ConsumerStateMachine {
    ConsumerStateMachine(
      .init(
        group: Group("g", of: "s"), name: "me", deadLetters: "dead", batch: batch, block: .seconds(1),
        claimInterval: .seconds(15), deliveries: deliveries, retryInterval: .seconds(2),
        backoff: Backoff(first: .milliseconds(500), most: .seconds(4), jitter: 0)))
  }

  /// A consumer that has drained what is its own and claimed nothing, at time zero.
  private func reading(deliveries: Int = 3) -> ConsumerStateMachine {
    make(deliveries: deliveries).drained()
  }

  private func delivery(_ id: String, _ count: Int = 2) -> Delivery {
    Delivery(Entry(id: id, fields: []), deliveries: count)
  }

  @Test func readsItsOwnToTheEndThenIsReadyThenClaimsThenReadsNew() {
    var consumer = make()
    #expect(consumer.started() == .connect)
    #expect(consumer.connected(at: .zero) == .ensureGroup)
    #expect(consumer.groupEnsured() == .check)
    #expect(consumer.checked() == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(.entry(delivery("1-1")), at: .zero) == .handle([delivery("1-1")]))
    #expect(!consumer.isReady)
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "1-1"))
    #expect(consumer.ownRead(.end, at: .zero) == .announceReady)
    #expect(consumer.isReady)
    #expect(consumer.announced(at: .zero) == .claim)
    #expect(consumer.claimed(0, at: .zero) == .readNew(limit: 1, block: .seconds(1)))
  }

  @Test func whatItClaimedItReadsAsItsOwnWithoutBecomingReadyAgain() {
    var consumer = reading()
    #expect(consumer.newRead([], at: .seconds(15)) == .claim)
    #expect(consumer.claimed(2, at: .seconds(15)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(.entry(delivery("1-1")), at: .seconds(15)) == .handle([delivery("1-1")]))
    #expect(consumer.handled(.done, at: .seconds(15)) == .readOwn(after: "1-1"))
    #expect(consumer.ownRead(.end, at: .seconds(15)) == .readNew(limit: 1, block: .seconds(1)))
  }

  @Test func aFullClaimIsFollowedByAnother() {
    var consumer = reading()
    _ = consumer.newRead([], at: .seconds(15))
    #expect(consumer.claimed(256, at: .seconds(15)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(.end, at: .seconds(15)) == .claim)
  }

  @Test func claimsPeriodicallyAlsoUnderLoadAndNeverBlocksPastIt() {
    var consumer = reading()
    let entry = Entry(id: "1-1", fields: [])
    #expect(consumer.newRead([entry], at: .seconds(14)) == .handle([Delivery(entry)]))
    #expect(consumer.handled(.done, at: .seconds(14.5)) == .readNew(limit: 4, block: .seconds(0.5)))
    #expect(consumer.newRead([entry], at: .seconds(14.9)) == .handle([Delivery(entry)]))
    #expect(consumer.handled(.done, at: .seconds(16)) == .claim)
  }

  @Test func aFailedEntryIsDeliveredAgainAfterAWhileAndTheLoopGoesOnMeanwhile() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    #expect(consumer.handled(.failed(error: nil), at: .zero) == .readNew(limit: 4, block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(1.5)) == .readNew(limit: 4, block: .seconds(0.5)))
    #expect(consumer.newRead([], at: .seconds(2)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(.entry(delivery("1-1")), at: .seconds(2)) == .handle([delivery("1-1")]))
    #expect(consumer.handled(.failed(error: nil), at: .seconds(2)) == .readOwn(after: "1-1"))
    #expect(consumer.ownRead(.end, at: .seconds(2)) == .readNew(limit: 4, block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(4)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(.end, at: .seconds(4)) == .readNew(limit: 4, block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(9)) == .readNew(limit: 4, block: .seconds(1)))
  }

  @Test func anEntryDeliveredTooOftenBecomesADeadLetterUnhandled() {
    var consumer = make(deliveries: 3)
    _ = consumer.connected(at: .zero)
    _ = consumer.groupEnsured()
    _ = consumer.checked()
    let reason = "poison: delivered 3 times and never settled"
    #expect(consumer.ownRead(.poison(id: "1-1", deliveries: 4), at: .zero) == .deadLetter(id: "1-1", reason: reason))
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "1-1"))
  }

  @Test func anEntryThatIsTooLargeBecomesADeadLetterWithoutBeingSent() {
    var consumer = make()
    _ = consumer.connected(at: .zero)
    _ = consumer.groupEnsured()
    _ = consumer.checked()
    let reason = "too large: 20000000 bytes, and at most 16777216 are read"
    #expect(
      consumer.ownRead(.tooLarge(id: "1-1", bytes: 20_000_000), at: .zero) == .deadLetter(id: "1-1", reason: reason))
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "1-1"))
  }

  @Test func whatIsTooLargeInABatchIsLeftPendingAndTheRestIsHandled() {
    var consumer = reading()
    let small = Entry(id: "1-1", fields: [])
    let large = Entry(id: "1-2", fields: [Field("f", String(repeating: "x", count: 17 << 20))])
    #expect(consumer.newRead([small, large], at: .zero) == .handle([Delivery(small)]))
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "0-0"))
  }

  @Test func entriesThatAreGoneAreReadPast() {
    var consumer = reading()
    #expect(consumer.ownRead(.more(after: "1-256"), at: .zero) == .readOwn(after: "1-256"))
  }

  @Test func aBatchGrowsFromOneAndShrinksWithTheSizeOfItsEntries() {
    var size = BatchSize(most: 256, bytes: 8 << 20)
    var grown: [Int] = []
    for _ in 0..<5 {
      grown.append(size.current)
      size.took(Array(repeating: 400, count: size.current))
    }
    #expect(grown == [1, 4, 16, 64, 256])
    size.took([400, 1 << 20])
    #expect(size.current == 8)
    size.took([10 << 20])
    #expect(size.current == 1)
    size.took([])
    #expect(size.current == 4)
  }

  @Test func theSameErrorTwiceInARowIsTriedOnAFewMoreThenWaitedOut() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    #expect(!consumer.isRepeated("ERR x"))
    _ = consumer.handled(.failed(error: "ERR x"), at: .zero)
    #expect(consumer.isRepeated("ERR x"))
    #expect(!consumer.isRepeated("ERR y"))
    // The next ones fail alike: one new entry at a time, then a pause.
    #expect(consumer.handled(.repeated, at: .zero) == .readNew(limit: 1, block: .milliseconds(1)))
    _ = consumer.newRead([Entry(id: "1-2", fields: [])], at: .zero)
    #expect(consumer.handled(.repeated, at: .zero) == .readNew(limit: 1, block: .milliseconds(1)))
    _ = consumer.newRead([Entry(id: "1-3", fields: [])], at: .zero)
    #expect(consumer.handled(.repeated, at: .zero) == .wait(.seconds(0.5)))
    #expect(consumer.waited(at: .seconds(0.5)) == .readOwn(after: "0-0"))
    // One that succeeds shows that Redis is not at fault.
    _ = consumer.ownRead(.entry(delivery("1-1")), at: .seconds(1))
    #expect(consumer.handled(.repeated, at: .seconds(1)) == .readOwn(after: "1-1"))
    _ = consumer.ownRead(.entry(delivery("1-2")), at: .seconds(1))
    #expect(consumer.handled(.done, at: .seconds(1)) == .readOwn(after: "1-2"))
    #expect(!consumer.isRepeated("ERR x"))
    #expect(consumer.ownRead(.end, at: .seconds(1)) == .readNew(limit: 10, block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(3)) == .readOwn(after: "0-0"))
  }

  @Test func aSingleEntryThatFailsAlikeIsTriedAgainAtLeastEveryFewSeconds() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    _ = consumer.handled(.failed(error: "ERR x"), at: .zero)
    var now = Duration.seconds(2)
    _ = consumer.newRead([], at: now)
    for _ in 0..<6 {
      _ = consumer.ownRead(.entry(delivery("1-1")), at: now)
      #expect(consumer.handled(.repeated, at: now) == .readOwn(after: "1-1"))
      #expect(consumer.ownRead(.end, at: now) == .readNew(limit: 1, block: .milliseconds(1)))
      var action = consumer.newRead([], at: now)
      let start = now
      while case .wait(let time) = action {
        now += time
        action = consumer.waited(at: now)
      }
      #expect(action == .readOwn(after: "0-0"))
      #expect(now > start && now - start <= .seconds(5))
    }
  }

  @Test func whatRedisRefusesIsTriedBeforeAnythingIsReadAgain() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    #expect(consumer.handled(.refused, at: .zero) == .wait(.seconds(0.5)))
    #expect(consumer.waited(at: .seconds(0.5)) == .ensureGroup)
    #expect(consumer.groupEnsured() == .check)
    #expect(consumer.refused(at: .seconds(0.5)) == .wait(.seconds(1)))
  }

  @Test func anAnswerThatIsTooLongIsFollowedBySmallReadings() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    #expect(consumer.handled(.done, at: .zero) == .readNew(limit: 4, block: .seconds(1)))
    #expect(consumer.readTooMuch() == .connect)
    #expect(!consumer.isReady)
  }

  @Test func whileSomethingIsMissingItReadsNothingNewAndBacksOff() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    var now = Duration.zero
    for seconds in [0.5, 1, 2, 4, 4] {
      var action = consumer.handled(.blocked, at: now)
      let end = now + .seconds(seconds)
      while case .wait(let time) = action {
        #expect(time <= .seconds(1))
        now += time
        action = consumer.waited(at: now)
      }
      #expect(now == end)
      #expect(action == .readOwn(after: "0-0"))
      #expect(consumer.ownRead(.entry(delivery("1-1", 1)), at: now) == .handle([delivery("1-1", 1)]))
    }
    #expect(consumer.handled(.done, at: now) == .readOwn(after: "1-1"))
  }

  @Test func aLostConnectionIsMadeAgainWithBackoffAndItsOwnReadAnew() {
    var consumer = reading()
    #expect(consumer.disconnected(at: .zero) == .wait(.seconds(0.5)))
    #expect(!consumer.isReady)
    #expect(consumer.waited(at: .seconds(0.2)) == .wait(.seconds(0.3)))
    #expect(consumer.waited(at: .seconds(0.5)) == .connect)
    #expect(consumer.disconnected(at: .seconds(1)) == .wait(.seconds(1)))
    #expect(consumer.waited(at: .seconds(2)) == .connect)
    #expect(consumer.connected(at: .seconds(2)) == .ensureGroup)
    #expect(consumer.groupEnsured() == .check)
    #expect(consumer.checked() == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(.end, at: .seconds(2)) == .announceReady)
    #expect(consumer.announced(at: .seconds(2)) == .claim)
    #expect(consumer.disconnected(at: .seconds(3)) == .wait(.seconds(0.5)))
  }

  @Test func aLossBehindAConnectionThatNeverWorkedStillBacksOff() {
    var consumer = make()
    _ = consumer.connected(at: .zero)
    #expect(consumer.disconnected(at: .zero) == .wait(.seconds(0.5)))
    _ = consumer.connected(at: .seconds(1))
    #expect(consumer.disconnected(at: .seconds(1)) == .wait(.seconds(1)))
  }

  @Test func whileItStandsByItLooksAgainAtEveryTurn() {
    var consumer = reading()
    #expect(consumer.stoodBy(at: .zero) == .wait(.seconds(1)))
    #expect(!consumer.isReady)
    #expect(consumer.waited(at: .seconds(1)) == .connect)
    #expect(consumer.stoodBy(at: .seconds(1)) == .wait(.seconds(1)))
  }

  @Test func aRefusalOfTheServerLeadsBackToTheGroup() {
    var consumer = reading()
    #expect(consumer.refused(at: .zero) == .wait(.seconds(0.5)))
    #expect(consumer.waited(at: .seconds(0.5)) == .ensureGroup)
    #expect(consumer.groupEnsured() == .check)
    #expect(consumer.checked() == .readOwn(after: "0-0"))
  }

  @Test func aStopIsHonouredAfterWhateverComesNext() {
    let steps: [(inout ConsumerStateMachine) -> ConsumerStateMachine.Action] = [
      { $0.started() }, { $0.connected(at: .zero) }, { $0.groupEnsured() }, { $0.checked() }, { $0.readTooMuch() },
      { $0.ownRead(.end, at: .zero) },
      { $0.ownRead(.entry(self.delivery("1-1")), at: .zero) }, { $0.announced(at: .zero) },
      { $0.claimed(3, at: .zero) },
      { $0.newRead([], at: .zero) }, { $0.newRead([Entry(id: "1-1", fields: [])], at: .zero) },
      { $0.handled(.done, at: .zero) }, { $0.handled(.failed(error: nil), at: .zero) },
      { $0.handled(.blocked, at: .zero) },
      { $0.handled(.refused, at: .zero) }, { $0.handled(.repeated, at: .zero) },
      { $0.disconnected(at: .zero) }, { $0.refused(at: .zero) }, { $0.stoodBy(at: .zero) }, { $0.waited(at: .zero) },
    ]
    for step in steps {
      var consumer = make()
      #expect(consumer.stop(before: .claim) == .leave)
      #expect(step(&consumer) == .leave)
    }
  }

  @Test func aStopLetsWhatIsInHandBeFinished() {
    var consumer = reading()
    let inHand: [ConsumerStateMachine.Action] = [
      .handle([delivery("1-1")]), .deadLetter(id: "1-1", reason: "x"),
    ]
    for action in inHand { #expect(consumer.stop(before: action) == action) }
    for action in [
      ConsumerStateMachine.Action.connect, .wait(.seconds(1)), .readNew(limit: 1, block: .seconds(1)), .announceReady,
    ] {
      #expect(consumer.stop(before: action) == .leave)
    }
    #expect(consumer.handled(.done, at: .zero) == .leave)
  }
}

extension ConsumerStateMachine {
  /// This one, new until now, when it has drained what is its own and claimed nothing, at time zero.
  func drained() -> ConsumerStateMachine {
    var consumer = self
    _ = consumer.started()
    _ = consumer.connected(at: .zero)
    _ = consumer.groupEnsured()
    _ = consumer.checked()
    _ = consumer.ownRead(.end, at: .zero)
    _ = consumer.announced(at: .zero)
    _ = consumer.claimed(0, at: .zero)
    return consumer
  }
}
