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
    var consumer = make(deliveries: deliveries)
    _ = consumer.started()
    _ = consumer.connected(at: .zero)
    _ = consumer.groupEnsured()
    _ = consumer.ownRead(nil, at: .zero)
    _ = consumer.announced(at: .zero)
    _ = consumer.claimed(0, at: .zero)
    return consumer
  }

  private func delivery(_ id: String, _ count: Int = 2) -> Delivery {
    Delivery(Entry(id: id, fields: []), deliveries: count)
  }

  @Test func readsItsOwnToTheEndThenIsReadyThenClaimsThenReadsNew() {
    var consumer = make()
    #expect(consumer.started() == .connect)
    #expect(consumer.connected(at: .zero) == .ensureGroup)
    #expect(consumer.groupEnsured() == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(delivery("1-1"), at: .zero) == .handle([delivery("1-1")]))
    #expect(!consumer.isReady)
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "1-1"))
    #expect(consumer.ownRead(nil, at: .zero) == .announceReady)
    #expect(consumer.isReady)
    #expect(consumer.announced(at: .zero) == .claim)
    #expect(consumer.claimed(0, at: .zero) == .readNew(block: .seconds(1)))
  }

  @Test func whatItClaimedItReadsAsItsOwnWithoutBecomingReadyAgain() {
    var consumer = reading()
    #expect(consumer.newRead([], at: .seconds(15)) == .claim)
    #expect(consumer.claimed(2, at: .seconds(15)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(delivery("1-1"), at: .seconds(15)) == .handle([delivery("1-1")]))
    #expect(consumer.handled(.done, at: .seconds(15)) == .readOwn(after: "1-1"))
    #expect(consumer.ownRead(nil, at: .seconds(15)) == .readNew(block: .seconds(1)))
  }

  @Test func aFullClaimIsFollowedByAnother() {
    var consumer = reading()
    _ = consumer.newRead([], at: .seconds(15))
    #expect(consumer.claimed(10, at: .seconds(15)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(nil, at: .seconds(15)) == .claim)
  }

  @Test func claimsPeriodicallyAlsoUnderLoadAndNeverBlocksPastIt() {
    var consumer = reading()
    let entry = Entry(id: "1-1", fields: [])
    #expect(consumer.newRead([entry], at: .seconds(14)) == .handle([Delivery(entry)]))
    #expect(consumer.handled(.done, at: .seconds(14.5)) == .readNew(block: .seconds(0.5)))
    #expect(consumer.newRead([entry], at: .seconds(14.9)) == .handle([Delivery(entry)]))
    #expect(consumer.handled(.done, at: .seconds(16)) == .claim)
  }

  @Test func aFailedEntryIsDeliveredAgainAfterAWhileAndTheLoopGoesOnMeanwhile() {
    var consumer = reading()
    _ = consumer.newRead([Entry(id: "1-1", fields: [])], at: .zero)
    #expect(consumer.handled(.failed, at: .zero) == .readNew(block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(1.5)) == .readNew(block: .seconds(0.5)))
    #expect(consumer.newRead([], at: .seconds(2)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(delivery("1-1"), at: .seconds(2)) == .handle([delivery("1-1")]))
    #expect(consumer.handled(.failed, at: .seconds(2)) == .readOwn(after: "1-1"))
    #expect(consumer.ownRead(nil, at: .seconds(2)) == .readNew(block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(4)) == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(nil, at: .seconds(4)) == .readNew(block: .seconds(1)))
    #expect(consumer.newRead([], at: .seconds(9)) == .readNew(block: .seconds(1)))
  }

  @Test(arguments: [(3, false), (4, true), (5, true)])
  func anEntryDeliveredTooOftenBecomesADeadLetterUnhandled(count: Int, isDeadLettered: Bool) {
    var consumer = make(deliveries: 3)
    _ = consumer.connected(at: .zero)
    _ = consumer.groupEnsured()
    let action = consumer.ownRead(delivery("1-1", count), at: .zero)
    if case .deadLetter(_, let reason, let isAlarm) = action {
      #expect(isDeadLettered && !isAlarm)
      #expect(reason.contains("\(count - 1) times"))
    } else {
      #expect(!isDeadLettered)
    }
    #expect(consumer.handled(.done, at: .zero) == .readOwn(after: "1-1"))
  }

  @Test func anEntryTrimmedWhilePendingIsAnAlarm() {
    var consumer = make()
    _ = consumer.connected(at: .zero)
    _ = consumer.groupEnsured()
    let gone = Delivery(Entry(id: "1-1", fields: nil), deliveries: 1)
    #expect(
      consumer.ownRead(gone, at: .zero) == .deadLetter(gone, reason: "trimmed while pending", isAlarm: true))
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
      #expect(consumer.ownRead(delivery("1-1", 1), at: now) == .handle([delivery("1-1", 1)]))
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
    #expect(consumer.groupEnsured() == .readOwn(after: "0-0"))
    #expect(consumer.ownRead(nil, at: .seconds(2)) == .announceReady)
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
    #expect(consumer.groupEnsured() == .readOwn(after: "0-0"))
  }

  @Test func aStopIsHonouredAfterWhateverComesNext() {
    let steps: [(inout ConsumerStateMachine) -> ConsumerStateMachine.Action] = [
      { $0.started() }, { $0.connected(at: .zero) }, { $0.groupEnsured() }, { $0.ownRead(nil, at: .zero) },
      { $0.ownRead(self.delivery("1-1"), at: .zero) }, { $0.announced(at: .zero) }, { $0.claimed(3, at: .zero) },
      { $0.newRead([], at: .zero) }, { $0.newRead([Entry(id: "1-1", fields: [])], at: .zero) },
      { $0.handled(.done, at: .zero) }, { $0.handled(.failed, at: .zero) }, { $0.handled(.blocked, at: .zero) },
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
      .handle([delivery("1-1")]), .deadLetter(delivery("1-1"), reason: "x", isAlarm: false),
    ]
    for action in inHand { #expect(consumer.stop(before: action) == action) }
    for action in [
      ConsumerStateMachine.Action.connect, .wait(.seconds(1)), .readNew(block: .seconds(1)), .announceReady,
    ] {
      #expect(consumer.stop(before: action) == .leave)
    }
    #expect(consumer.handled(.done, at: .zero) == .leave)
  }
}
