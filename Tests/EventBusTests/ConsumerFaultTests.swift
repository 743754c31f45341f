import EventBus
import Redis
import TestSupport
import Testing

/// Handlers that throw, entries that cannot be processed, and a Redis that refuses.
@Suite(.timeLimit(.minutes(2))) struct ConsumerFaultTests {
  private struct Thrown: Error {}

  @Test func aThrowingHandlerLosesNothingAndStopsNothing() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "bad", "3")
      var attempts = 0
      var done: Set<String> = []
      var dead: [String] = []
      try bus.run(
        deliveries: 3,
        handle: { deliveries, connection in
          if deliveries.contains(where: { $0.entry["value"] == "bad" }) {
            attempts += 1
            throw Thrown()
          }
          done.formUnion(deliveries.map(\.entry.id))
          return TestBus.acknowledgeAll(deliveries, connection)
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

  @Test func anEntryThatEndsItsProcessBecomesADeadLetterAndItsNeighboursAreHandled() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("killer", "2")
      try bus.deliver(to: "me")
      // Each process that died had read its first own entry, and no more.
      for _ in 0..<2 { _ = try bus.group.readOwn(as: "me", after: "0-0", on: bus.connection) }
      var handled: [String] = []
      try bus.run(
        deliveries: 3,
        handle: { deliveries, connection in
          handled += deliveries.map(\.entry.id)
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 1 })
      #expect(handled == [ids[1]])
      #expect(try bus.entries(bus.dead).map { $0["id"] } == [ids[0]])
    }
  }

  @Test func everyOutcomeIsCarriedOut() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("ack", "dead", "settled", "later")
      var later = 0
      try bus.run(
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
      let events = try bus.run(
        deliveries: 2,
        handle: { deliveries, connection in
          attempts += 1
          if attempts <= 6 { throw RedisError.server(ServerError(line: "OOM command not allowed")) }
          handled += deliveries.map(\.entry.id)
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 1 })
      #expect(handled == ids)
      #expect(events.filter { $0 == "paused" }.count == 6)
      #expect(try bus.entries(bus.dead).isEmpty)
    }
  }

  @Test func anEntryTrimmedWhilePendingIsAnAlarmAndARecord() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      try bus.delete(ids[0])
      var alarms: [String] = []
      try bus.run(
        handle: TestBus.acknowledgeAll,
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
      try bus.run(
        batch: 1,
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
      try bus.run(
        deliveries: 100, handle: { _, _ in [] },
        observe: { if case .handlerFailed = $0 { failures += 1 } }, until: { failures > 2 })
      #expect(try bus.pending.count == 2)
    }
  }
}
