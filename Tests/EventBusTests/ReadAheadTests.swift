import EventBus
import Redis
import TestSupport
import Testing

/// A consumer that has the next entries read while its handler works.
@Suite(.timeLimit(.minutes(2))) struct ReadAheadTests {
  private struct Thrown: Error {}

  /// Publishes so many entries, each of which names its key.
  private func publish(_ count: Int, on bus: TestBus, key: (Int) -> String = { "key:\($0)" }) throws -> [String] {
    try (0..<count).map { try bus.source.publish([Field("value", key($0))], on: bus.connection) }
  }

  private static func route(_ bus: TestBus, _ deliveries: [Delivery], _ connection: Connection) throws -> [Outcome] {
    _ = try bus.router.run(
      deliveries.map { delivery in
        let key = delivery.entry["value"] ?? ""
        return .publish(
          id: delivery.entry.id, key: key, digest: "d", fields: [Field("value", key), Field("kind", "test")])
      }, on: connection)
    return deliveries.map { _ in .settled }
  }

  /// Waits until the group has so many entries pending.
  private func waitForPending(_ count: Int, _ bus: TestBus) throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while try bus.pending.count < count, ContinuousClock.now < deadline {}
    #expect(try bus.pending.count == count)
  }

  private func expectEachOnce(_ keys: [String], _ bus: TestBus) throws {
    let connection = try bus.server.connect()
    let published = try connection.ask(bus.target.range(limit: 10_000)).compactMap { $0["value"] }
    #expect(published.sorted() == keys.sorted())
    #expect(try connection.ask(bus.group.pending).count == 0)
  }

  @Test func theNextEntriesAreReadWhileTheHandlerWorksAndNoMoreThanOneBatch() throws {
    try TestBus.with { bus in
      let ids = try publish(12, on: bus)
      var batches: [[String]] = []
      try bus.run(
        batch: 3, readsAhead: true,
        handle: { deliveries, connection in
          batches.append(deliveries.map(\.entry.id))
          if batches.count <= 3 { try waitForPending(deliveries.count + 3, bus) }
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { batches.flatMap(\.self).count == 12 })
      #expect(batches == [[ids[0]], Array(ids[1...3]), Array(ids[4...6]), Array(ids[7...9]), Array(ids[10...11])])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aStopFinishesWhatWasReadAheadToo() throws {
    try TestBus.with { bus in
      _ = try publish(20, on: bus)
      var handled = 0
      try bus.run(
        batch: 4, readsAhead: true,
        handle: { deliveries, connection in
          handled += deliveries.count
          if handled == 1 { try waitForPending(5, bus) }
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled > 0 })
      #expect(handled == 5)
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aConnectionLostWithABatchInHandAndOneReadAheadLosesAndDoublesNothing() throws {
    try TestBus.with { bus in
      _ = try publish(40, on: bus)
      var (batches, ready) = (0, 0)
      try bus.run(
        batch: 8, readsAhead: true,
        handle: { deliveries, connection in
          batches += 1
          if batches == 2 || batches == 12 {
            try waitForPending(try bus.pending.count, bus)
            try bus.connection.call(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
          }
          return try Self.route(bus, deliveries, connection)
        },
        observe: { if case .ready = $0 { ready += 1 } },
        until: { ready > 1 && (try? bus.entries(bus.target).count) == 40 })
      try expectEachOnce((0..<40).map { "key:\($0)" }, bus)
    }
  }

  @Test func aServerKilledWithABatchReadAheadLosesAndDoublesNothing() throws {
    try TestBus.with(.init(configuration: ["appendfsync always"])) { bus in
      _ = try publish(40, on: bus)
      var batches = 0
      try bus.run(
        batch: 8, readsAhead: true,
        handle: { deliveries, connection in
          batches += 1
          let outcomes = try Self.route(bus, deliveries, connection)
          if batches == 3 { bus.server.kill() }
          return outcomes
        },
        observe: { event in
          guard case .disconnected = event, !bus.server.isRunning else { return }
          do { try bus.server.start() } catch { Issue.record(error) }
        },
        until: {
          batches > 3 && (try? bus.server.connect().ask(bus.group.pending).count) == 0
            && (try? bus.server.connect().call(["XLEN", "target"]).integer) == 40
        })
      try expectEachOnce((0..<40).map { "key:\($0)" }, bus)
    }
  }

  @Test func anEntryThatAScriptRefusesFailsAloneWhileTheNextBatchIsInHand() throws {
    try TestBus.with { bus in
      try bus.connection.call(["LPUSH", "key:2", "of another type"])
      let ids = try publish(30, on: bus)
      var dead: [String] = []
      try bus.run(
        batch: 5, deliveries: 3, readsAhead: true,
        handle: { deliveries, connection in try Self.route(bus, deliveries, connection) },
        observe: { if case .deadLettered(let id, _) = $0 { dead.append(id) } },
        until: { !dead.isEmpty && (try? bus.pending.count) == 0 && (try? bus.entries(bus.target).count) == 29 })
      #expect(dead == [ids[2]])
      #expect(try bus.connection.call(["TYPE", "key:2"]) == .status("list"))
      try expectEachOnce((0..<30).filter { $0 != 2 }.map { "key:\($0)" }, bus)
    }
  }

  @Test(arguments: ["OOM command not allowed", "WRONGPASS", "ERR unknown command 'X'"])
  func whatRedisRefusesIsChargedToNothingThatWasReadAhead(_ line: String) throws {
    try TestBus.with { bus in
      let ids = try publish(9, on: bus)
      var refusals = 0
      var deliveries: [String: Int] = [:]
      try bus.run(
        batch: 4, deliveries: 2, readsAhead: true,
        handle: { batch, connection in
          if refusals < 6 {
            if refusals == 0 { try waitForPending(5, bus) }
            refusals += 1
            throw RedisError.server(ServerError(line: line))
          }
          for delivery in batch { deliveries[delivery.entry.id] = delivery.deliveries }
          return TestBus.acknowledgeAll(batch, connection)
        }, until: { deliveries.count == 9 })
      #expect(ids.map { deliveries[$0] } == Array(repeating: 1, count: 9))
      #expect(try bus.entries(bus.dead).isEmpty)
    }
  }

  @Test func whatIsPutOffHoldsUpWhatWasReadAheadInTheirOrder() throws {
    try TestBus.with { bus in
      let ids = try publish(9, on: bus)
      var handled: [String] = []
      var offs = 0
      try bus.run(
        batch: 4, deliveries: 2, readsAhead: true,
        handle: { deliveries, connection in
          if handled.count == 1, offs < 5 {
            offs += 1
            return deliveries.map { _ in .later(reason: "not yet") }
          }
          handled += deliveries.map(\.entry.id)
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 9 })
      #expect(handled == ids)
      #expect(offs == 5)
      #expect(try bus.entries(bus.dead).isEmpty)
    }
  }

  @Test func twinsInOneBatchAndInTheOneReadAheadComeOutOnce() throws {
    try TestBus.with { bus in
      _ = try publish(60, on: bus) { "key:\($0 % 7)" }
      var handled = 0
      try bus.run(
        batch: 10, readsAhead: true,
        handle: { deliveries, connection in
          handled += deliveries.count
          return try Self.route(bus, deliveries, connection)
        }, until: { handled == 60 })
      try expectEachOnce((0..<7).map { "key:\($0)" }, bus)
    }
  }

  @Test func aLaterProcessEndsTheLoopAndAllStaysPending() throws {
    try TestBus.with { bus in
      _ = try publish(5, on: bus)
      var batches = 0
      let error = #expect(throws: RedisError.self) {
        try bus.run(
          batch: 2, readsAhead: true, prepare: { try Fence.take("epoch", on: $0) },
          handle: { deliveries, connection in
            batches += 1
            if batches == 1 { _ = try Fence.take("epoch", on: bus.connection) }
            return TestBus.acknowledgeAll(deliveries, connection)
          }, until: { false })
      }
      #expect(error?.isStaleEpoch == true)
      #expect(batches == 1)
      #expect(try bus.pending.count == 3)
    }
  }

  @Test func aGroupDestroyedWithABatchReadAheadIsCreatedAgain() throws {
    try TestBus.with { bus in
      _ = try publish(10, on: bus)
      var batches = 0
      let events = try bus.run(
        batch: 3, readsAhead: true,
        handle: { deliveries, connection in
          batches += 1
          if batches == 2 { try bus.connection.call(["XGROUP", "DESTROY", "source", "workers"]) }
          return try Self.route(bus, deliveries, connection)
        }, until: { batches > 2 && (try? bus.entries(bus.target).count) == 10 && (try? bus.pending.count) == 0 })
      #expect(events.contains { $0.hasPrefix("groupCreated") })
      try expectEachOnce((0..<10).map { "key:\($0)" }, bus)
    }
  }

  @Test func anEntryThatIsTooLargeInWhatWasReadAheadIsADeadLetter() throws {
    try TestBus.with { bus in
      _ = try publish(1, on: bus)
      let large = try bus.source.publish(
        [Field("value", String(repeating: "x", count: 5000))], on: bus.connection)
      _ = try publish(3, on: bus) { "more:\($0)" }
      var handled = 0
      try bus.run(
        batchBytes: 1 << 20, entryBytes: 4096, readsAhead: true,
        handle: { deliveries, connection in
          handled += deliveries.count
          return try Self.route(bus, deliveries, connection)
        }, until: { handled == 4 && (try? bus.entries(bus.dead).count) == 1 })
      #expect(try bus.entries(bus.dead).first?["id"] == large)
      try expectEachOnce(["key:0", "more:0", "more:1", "more:2"], bus)
    }
  }
}
