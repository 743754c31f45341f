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
      for _ in 0..<2 { _ = try bus.group.readOwn(as: "me", after: "0-0", deadLetters: "dead", on: bus.connection) }
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
        observe: { if case .trimmedWhilePending(let ids) = $0 { alarms += ids } },
        until: { !alarms.isEmpty })
      #expect(alarms == ids)
      #expect(try bus.entries(bus.dead).map { $0["reason"] } == ["trimmed while pending"])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func deadLettersThatAreNoStreamAreWaitedForBeforeAnythingIsRead() throws {
    try TestBus.with { bus in
      try bus.connection.call(["SET", "dead", "not a stream"])
      try bus.publish("bad", "good")
      var handled = 0
      var reasons: [String] = []
      let events = try bus.run(
        handle: { deliveries, _ in
          handled += deliveries.count
          return deliveries.map { $0.entry["value"] == "bad" ? .deadLetter(reason: "malformed") : .acknowledge }
        },
        observe: { event in
          guard case .paused(let reason) = event else { return }
          reasons.append(reason)
          #expect(handled == 0)
          if reasons.count == 3 { _ = try? bus.connection.call(["DEL", "dead"]) }
        }, until: { handled == 2 })
      #expect(reasons == Array(repeating: "the key 'dead' is a string, not a stream; rename or delete it", count: 3))
      #expect(events.firstIndex(of: "ready") ?? 0 > 3)
      #expect(try bus.entries(bus.dead).map { $0["reason"] } == ["malformed"])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func deadLettersThatAreRefusedAtRunTimeLoseNothing() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("bad", "good")
      var handled = 0
      var reasons: [String] = []
      try bus.run(
        batch: 1,
        handle: { deliveries, _ in
          handled += 1
          if handled == 1 { try bus.connection.call(["SET", "dead", "not a stream"]) }
          return deliveries.map { $0.entry["value"] == "bad" ? .deadLetter(reason: "malformed") : .acknowledge }
        },
        observe: { event in
          guard case .paused(let reason) = event else { return }
          reasons.append(reason)
          if reasons.count == 8 { _ = try? bus.connection.call(["DEL", "dead"]) }
        }, until: { handled == 3 })
      #expect(Set(reasons) == ["the key 'dead' is a string, not a stream; rename or delete it"])
      #expect(try bus.entries(bus.dead).map { $0["id"] } == [ids[0]])
      #expect(try bus.pending.count == 0)
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

  /// What an error of Redis means that is no condition, for entries that all have it and for one that has it alone.
  @Test func anErrorThatEveryEntryHasIsWaitedOutAndNothingIsCharged() throws {
    try TestBus.with { bus in
      try bus.publish("1", "2", "3", "4")
      var attempts = 0
      var handled = 0
      var reasons: Set<String> = []
      try bus.run(
        deliveries: 3,
        handle: { deliveries, connection in
          attempts += 1
          if attempts <= 40 {
            throw RedisError.server(ServerError(line: "ERR something is wrong with 'key-\(attempts)'"))
          }
          handled += deliveries.count
          return TestBus.acknowledgeAll(deliveries, connection)
        },
        observe: { if case .paused(let reason) = $0 { reasons.insert(String(reason.prefix(31))) } },
        until: { handled == 4 })
      #expect(reasons == ["several entries in a row failed"])
      #expect(try bus.entries(bus.dead).isEmpty)
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func anErrorThatOneEntryHasAloneEndsInItsDeadLetterWhileOthersGoThrough() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("bad")
      var dead: [String] = []
      var handled = 0
      try bus.run(
        deliveries: 3,
        handle: { deliveries, connection in
          if deliveries.contains(where: { $0.entry["value"] == "bad" }) {
            throw RedisError.server(ServerError(line: "ERR value is not an integer or out of range"))
          }
          handled += deliveries.count
          return TestBus.acknowledgeAll(deliveries, connection)
        },
        observe: { event in
          if case .deadLettered(let id, _) = event { dead.append(id) }
          // Others come now and then.
          if case .paused = event { _ = try? bus.publish("good") }
        }, until: { !dead.isEmpty })
      #expect(dead == ids)
      #expect(handled > 0)
    }
  }

  @Test func aKeyOfTheEntrysOwnThatHasAnotherTypeIsTheEntrysFault() throws {
    try TestBus.with { bus in
      try bus.connection.call(["SET", "own", "x"])
      let ids = try bus.publish("bad")
      var dead: [String] = []
      try bus.run(
        deliveries: 3,
        handle: { _, connection in
          try connection.call(["HGET", "own", "f"])
          return [.acknowledge]
        },
        observe: { if case .deadLettered(let id, _) = $0 { dead.append(id) } }, until: { !dead.isEmpty })
      #expect(dead == ids)
    }
  }

  /// Ten entries of a megabyte, with batches of at most two and answers of at most five.
  @Test func entriesThatAreLargeTogetherAreReadFewAtATime() throws {
    try TestBus.with { bus in
      let value = String(repeating: "x", count: 1 << 20)
      for _ in 0..<3 { try bus.publish("small") }
      for _ in 0..<10 { try bus.publish(value) }
      try bus.publish(String(repeating: "x", count: 3 << 20))
      var sizes: [Int] = []
      var handled = 0
      var dead: [String] = []
      try bus.run(
        batchBytes: 2 << 20, entryBytes: 2 << 20,
        handle: { deliveries, connection in
          sizes.append(deliveries.map(\.entry.bytes).reduce(0, +))
          handled += deliveries.count
          return TestBus.acknowledgeAll(deliveries, connection)
        },
        observe: { if case .deadLettered(_, let reason) = $0 { dead.append(reason) } },
        until: { handled == 13 && dead.count == 1 })
      #expect(sizes.max() ?? 0 <= 5 << 20, "\(sizes)")
      #expect(dead == ["too large: 3145733 bytes, and at most 2097152 are read"])
      #expect(try bus.pending.count == 0)
    }
  }
}
