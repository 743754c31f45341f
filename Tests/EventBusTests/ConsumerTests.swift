import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConsumerTests {
  private struct Thrown: Error {}

  @Test func handlesItsOwnPendingFirstThenIsReadyThenReadsNew() throws {
    try TestBus.with { bus in
      let old = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      let new = try bus.publish("3", "4", "5")
      var batches: [[String]] = []
      var readyAfter = -1
      let events = try bus.run(
        handle: { deliveries, connection in
          batches.append(deliveries.map(\.entry.id))
          return TestBus.acknowledgeAll(deliveries, connection)
        },
        observe: { if case .ready = $0 { readyAfter = batches.count } },
        until: { batches.count == 4 })
      // The first reading is of one entry, as nobody knows yet how large they are.
      #expect(batches == [[old[0]], [old[1]], [new[0]], [new[1], new[2]]])
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
      let events = try bus.run(
        claimIdle: .zero,
        handle: { deliveries, connection in
          handled += deliveries.map(\.entry.id)
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled.count == 2 })
      #expect(handled == ids)
      #expect(events.contains("claimed"))
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aServerKilledUnderTheHandlerIsReachedAgainAndNothingIsLost() throws {
    // Under load Redis puts off its writes to the append-only file otherwise.
    try TestBus.with(.init(configuration: ["appendfsync always"])) { bus in
      let ids = try bus.publish("1", "2")
      var seen: [[String]] = []
      var ready = 0
      try bus.run(
        handle: { deliveries, connection in
          seen.append(deliveries.map(\.entry.id))
          if seen.count == 1 { bus.server.kill() }
          return TestBus.acknowledgeAll(deliveries, connection)
        },
        observe: { event in
          if case .ready = event { ready += 1 }
          guard case .disconnected = event, seen.count == 1, !bus.server.isRunning else { return }
          do { try bus.server.start() } catch { Issue.record(error) }
        },
        until: { ready == 2 && seen.count == 3 })
      #expect(seen == [[ids[0]], [ids[0]], [ids[1]]])
      #expect(try bus.server.connect().ask(bus.group.pending).count == 0)
    }
  }

  @Test func aGroupDestroyedUnderTheLoopIsCreatedAgainFromTheBeginning() throws {
    try TestBus.with { bus in
      try bus.publish("1")
      var handled = 0
      let events = try bus.run(
        handle: { deliveries, connection in
          handled += deliveries.count
          let outcomes = TestBus.acknowledgeAll(deliveries, connection)
          if handled == 1 { try connection.call(["XGROUP", "DESTROY", "source", "workers"]) }
          return outcomes
        }, until: { handled == 2 })
      #expect(events.contains { $0.hasPrefix("groupCreated") })
      #expect(handled == 2)
    }
  }

  @Test func aStopFinishesTheBatchInHandAndTakesNoOther() throws {
    try TestBus.with { bus in
      try bus.publish("1", "2", "3", "4")
      var handled = 0
      try bus.run(
        batch: 2,
        handle: { deliveries, connection in
          handled += deliveries.count
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled > 1 })
      #expect(handled == 3)
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func whatPrepareThrowsEndsTheLoop() throws {
    try TestBus.with { bus in
      #expect(throws: Thrown.self) {
        try bus.run(prepare: { _ in throw Thrown() }, handle: TestBus.acknowledgeAll, until: { false })
      }
    }
  }

  @Test func nothingIsReadBeforePrepareHasSucceeded() throws {
    try TestBus.with { bus in
      try bus.publish("1")
      var prepared = 0
      var handled = 0
      let events = try bus.run(
        prepare: { connection in
          prepared += 1
          if prepared < 3 { try connection.call(["INCR", "source"]) }
          return try Fence.take("epoch", on: connection)
        },
        handle: { deliveries, connection in
          #expect(prepared == 3)
          handled += deliveries.count
          return TestBus.acknowledgeAll(deliveries, connection)
        }, until: { handled == 1 })
      #expect(events == ["disconnected", "disconnected", "connected", "ready", "stopped"])
      #expect(prepared == 3)
    }
  }

  @Test func aLaterProcessEndsTheLoopAndTheEntryStaysPending() throws {
    try TestBus.with { bus in
      try bus.publish("1")
      let error = #expect(throws: RedisError.self) {
        try bus.run(
          prepare: { try Fence.take("epoch", on: $0) },
          handle: { deliveries, connection in
            _ = try Fence.take("epoch", on: connection)
            return TestBus.acknowledgeAll(deliveries, connection)
          }, until: { false })
      }
      #expect(error?.isStaleEpoch == true)
      #expect(try bus.pending.count == 1)
    }
  }
}
