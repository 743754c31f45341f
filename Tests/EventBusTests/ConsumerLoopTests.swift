import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConsumerLoopTests {
  struct Thrown: Error {}

  /// Runs a loop until `isDone`, asked at every turn, or until a deadline, which is a failure.
  @discardableResult
  private func run(
    _ bus: TestBus, batch: Int = 64, deliveries: Int = 3, claimIdle: Duration = .seconds(3600),
    prepare: ConsumerLoop.Prepare = { _ in nil }, handle: ConsumerLoop.Handle,
    observe: (ConsumerEvent) -> Void = { _ in }, until isDone: () -> Bool
  ) throws -> [String] {
    let stop = StopSignal()
    let loop = ConsumerLoop(
      .init(
        group: bus.group, name: "me", deadLetters: bus.dead.name, batch: batch, block: .milliseconds(20),
        claimIdle: claimIdle, claimInterval: .milliseconds(30), deliveries: deliveries,
        retryInterval: .milliseconds(5), backoff: Backoff(first: .milliseconds(5), most: .milliseconds(20))),
      endpoint: bus.server.endpoint, stop: stop)
    let deadline = ContinuousClock.now + .seconds(30)
    var events: [String] = []
    try loop.run(prepare: prepare, handle: handle) { event in
      observe(event)
      guard case .turn = event else {
        events.append("\(event)".prefix { $0 != "(" }.description)
        return
      }
      if isDone() { stop.raise() }
      if ContinuousClock.now > deadline {
        Issue.record("not done in time; saw \(events.suffix(20))")
        stop.raise()
      }
    }
    return events
  }

  private func acknowledgeAll(_ deliveries: [Delivery], _: Connection) -> [Outcome] {
    deliveries.map { _ in .acknowledge }
  }

  @Test func handlesItsOwnPendingFirstThenIsReadyThenReadsNew() throws {
    try TestBus.with { bus in
      let old = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      let new = try bus.publish("3", "4")
      var batches: [[String]] = []
      var readyAfter = -1
      let events = try run(
        bus,
        handle: { deliveries, connection in
          batches.append(deliveries.map(\.entry.id))
          return acknowledgeAll(deliveries, connection)
        },
        observe: { if case .ready = $0 { readyAfter = batches.count } },
        until: { batches.count == 3 })
      #expect(batches == [[old[0]], [old[1]], new])
      #expect(readyAfter == 2)
      #expect(events == ["connected", "ready", "stopped"])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func takesOverWhatASilentConsumerLeft() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "gone")
      var handled: [String] = []
      let events = try run(
        bus, claimIdle: .zero,
        handle: { deliveries, connection in
          handled += deliveries.map(\.entry.id)
          return acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 2 })
      #expect(handled == ids)
      #expect(events.contains("claimed"))
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aThrowingHandlerLosesNothingAndStopsNothing() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "bad", "3")
      var attempts = 0
      var done: Set<String> = []
      var dead: [String] = []
      try run(
        bus, deliveries: 3,
        handle: { deliveries, connection in
          if deliveries.contains(where: { $0.entry["value"] == "bad" }) {
            attempts += 1
            throw Thrown()
          }
          done.formUnion(deliveries.map(\.entry.id))
          return acknowledgeAll(deliveries, connection)
        },
        observe: { if case .deadLettered(let id, _) = $0 { dead.append(id) } },
        until: { !dead.isEmpty && done.count == 2 })
      #expect(done == [ids[0], ids[2]])
      #expect(dead == [ids[1]])
      #expect(attempts == 3)
      let letter = try #require(try bus.entries(bus.dead).first)
      #expect(letter["reason"] == "poison: failed 3 times, at last with: Thrown()")
      #expect(letter["entry.value"] == "bad")
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func anEntryThatEndsItsProcessIsBuriedAloneAndItsNeighboursAreHandled() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("killer", "2")
      try bus.deliver(to: "me")
      // Each process that died had read its first own entry, and no more.
      for _ in 0..<2 { _ = try bus.group.readOwn(as: "me", after: "0-0", on: bus.connection) }
      var handled: [String] = []
      try run(
        bus, deliveries: 3,
        handle: { deliveries, connection in
          handled += deliveries.map(\.entry.id)
          return acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 1 })
      #expect(handled == [ids[1]])
      #expect(try bus.entries(bus.dead).map { $0["id"] } == [ids[0]])
    }
  }

  @Test func everyOutcomeIsCarriedOut() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("ack", "dead", "settled", "later")
      var later = 0
      try run(
        bus,
        handle: { deliveries, connection in
          try deliveries.map { delivery in
            switch delivery.entry["value"] {
            case "dead": return .deadLetter(reason: "malformed")
            case "settled":
              try bus.group.acknowledge([delivery.entry.id], on: connection)
              return .settled
            case "later":
              later += 1
              return later > 10 ? .acknowledge : .later(reason: "not yet")
            default: return .acknowledge
            }
          }
        }, until: { later > 10 })
      #expect(try bus.entries(bus.dead).map { $0["id"] } == [ids[1]])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aRedisThatRefusesForAWhileIsNoFaultOfTheEntry() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      var attempts = 0
      var handled: [String] = []
      let events = try run(
        bus, deliveries: 2,
        handle: { deliveries, connection in
          attempts += 1
          if attempts <= 6 { throw RedisError.server(ServerError(line: "OOM command not allowed")) }
          handled += deliveries.map(\.entry.id)
          return acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 1 })
      #expect(handled == ids)
      #expect(events.filter { $0 == "paused" }.count == 6)
      #expect(try bus.entries(bus.dead).isEmpty)
    }
  }

  @Test func aServerKilledUnderTheHandlerIsReachedAgainAndNothingIsLost() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      var seen: [[String]] = []
      var ready = 0
      try run(
        bus,
        handle: { deliveries, connection in
          seen.append(deliveries.map(\.entry.id))
          if seen.count == 1 { bus.server.kill() }
          return acknowledgeAll(deliveries, connection)
        },
        observe: { event in
          if case .ready = event { ready += 1 }
          guard case .disconnected = event, seen.count == 1, !bus.server.isRunning else { return }
          do { try bus.server.start() } catch { Issue.record(error) }
        },
        until: { ready == 2 })
      #expect(seen == [ids, [ids[0]], [ids[1]]])
      #expect(try bus.server.connect().ask(bus.group.pending).count == 0)
    }
  }

  @Test func aGroupDestroyedUnderTheLoopIsCreatedAgainFromTheBeginning() throws {
    try TestBus.with { bus in
      try bus.publish("1")
      var handled = 0
      let events = try run(
        bus,
        handle: { deliveries, connection in
          handled += deliveries.count
          let outcomes = acknowledgeAll(deliveries, connection)
          if handled == 1 { try connection.call(["XGROUP", "DESTROY", "source", "workers"]) }
          return outcomes
        }, until: { handled == 2 })
      #expect(events.contains("groupCreated"))
      #expect(handled == 2)
    }
  }

  @Test func anEntryTrimmedWhilePendingIsAnAlarmAndARecord() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      try bus.delete(ids[0])
      var alarms: [String] = []
      try run(
        bus, handle: acknowledgeAll,
        observe: { if case .trimmedWhilePending(let id) = $0 { alarms.append(id) } },
        until: { !alarms.isEmpty })
      #expect(alarms == ids)
      #expect(try bus.entries(bus.dead).map { $0["reason"] } == ["trimmed while pending"])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func deadLettersThatAreRefusedNeitherLoseTheEntryNorStopTheLoop() throws {
    try TestBus.with { bus in
      try bus.connection.call(["SET", "dead", "not a stream"])
      let ids = try bus.publish("bad", "good")
      var tries = 0
      var good = 0
      try run(
        bus, batch: 1,
        handle: { deliveries, _ in
          if deliveries[0].entry["value"] == "good" {
            good += 1
            return [.acknowledge]
          }
          tries += 1
          return [.deadLetter(reason: "malformed")]
        }, until: { good == 1 && tries >= 2 })
      #expect(try bus.pending.smallestID == ids[0])
      #expect(try bus.pending.count == 1)
    }
  }

  @Test func aWrongNumberOfOutcomesAcknowledgesNothing() throws {
    try TestBus.with { bus in
      try bus.publish("1", "2")
      var failures = 0
      try run(
        bus, deliveries: 100, handle: { _, _ in [] },
        observe: { if case .handlerFailed = $0 { failures += 1 } }, until: { failures > 2 })
      #expect(try bus.pending.count == 2)
    }
  }

  @Test func aStopFinishesTheBatchInHandAndTakesNoOther() throws {
    try TestBus.with { bus in
      try bus.publish("1", "2", "3")
      var handled = 0
      try run(
        bus, batch: 2,
        handle: { deliveries, connection in
          handled += deliveries.count
          return acknowledgeAll(deliveries, connection)
        }, until: { handled > 0 })
      #expect(handled == 2)
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func whatPrepareThrowsEndsTheLoop() throws {
    try TestBus.with { bus in
      #expect(throws: Thrown.self) {
        try run(bus, prepare: { _ in throw Thrown() }, handle: acknowledgeAll, until: { false })
      }
    }
  }

  @Test func aLaterProcessEndsTheLoopAndTheEntryStaysPending() throws {
    try TestBus.with { bus in
      try bus.publish("1")
      let error = #expect(throws: RedisError.self) {
        try run(
          bus, prepare: { try Fence.take("epoch", on: $0) },
          handle: { deliveries, connection in
            _ = try Fence.take("epoch", on: connection)
            return acknowledgeAll(deliveries, connection)
          }, until: { false })
      }
      #expect(error?.isStaleEpoch == true)
      #expect(try bus.pending.count == 1)
    }
  }
}
