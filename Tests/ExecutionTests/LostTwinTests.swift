import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// Twins on a Redis that lost the claim which kept them apart: one order, and each is told what became of its own.
@Suite(.timeLimit(.minutes(1))) struct LostTwinTests {
  @Test(arguments: [["b", "a"], ["a", "b"]])
  func anOrderThatWasMadeStaysTheOnlyOneWhicheverTwinComesFirst(_ traces: [String]) async throws {
    try await withBench { bench, guarded, executor in
      let first = try executor()
      let timestamp = Timestamp.now().text
      let filled = ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      let exchange = bench.exchange
      exchange.onSubmit = { _, _ in filled }
      exchange.onLookUp = { id in exchange.submitted.contains(id) ? filled : nil }
      try Sample.publish(try Sample.intent(timestamp: timestamp), trace: "a", on: bench.connection)
      #expect(try bench.execute(with: first) == [.settled])
      #expect(exchange.submitted.count == 1)

      try bench.connection.call(["FLUSHALL"])
      try Executor.group.ensure(on: bench.connection)
      let later = try executor()
      for trace in traces {
        try Sample.publish(try Sample.intent(timestamp: timestamp), trace: trace, on: bench.connection)
      }
      // One order window after the loss.
      _ = StopSignal().wait(for: .milliseconds(300))
      #expect(try bench.execute(with: later) == [.settled, .settled])
      #expect(exchange.submitted.count == 1)
      let ends = Dictionary(
        uniqueKeysWithValues: zip(
          try bench.after.entries(Names.Stream.results).map { $0["trace_id"] }, try bench.after.results()))
      #expect(ends["a"]?.status == .filled)
      #expect(ends["b"]?.status == .rejected)
      let names = [TraceID.orderID("a"), "a"]
      #expect(names.contains { bench.log.lines("TERMINAL STATE: REJECTED").first?.message.contains($0) == true })
    }
  }

  @Test func aStandByWithoutARecordFindsTheTwinsWhoseIntentsAreStillThere() async throws {
    try await withBench { bench, _, executor in
      let first = try executor()
      let timestamp = Timestamp.now().text
      let exchange = bench.exchange
      let filled = ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      exchange.onSubmit = { _, _ in filled }
      exchange.onLookUp = { id in exchange.submitted.contains(id) ? filled : nil }
      try Sample.publish(try Sample.intent(timestamp: timestamp), trace: "a", on: bench.connection)
      #expect(try bench.execute(with: first) == [.settled])

      // All that tells of the order is gone, but for its intent.
      for key in try bench.connection.call(["KEYS", "quantum:*"]).array?.compactMap(\.string) ?? []
      where key.hasPrefix("quantum:dedup:") || key.hasPrefix("quantum:order:") {
        try bench.connection.call(["DEL", key])
      }
      try await TemporaryFolder.with { folder in
        let standBy = try Self.executor(bench, try Self.guarded(bench, folder))
        try Sample.publish(try Sample.intent(timestamp: timestamp), trace: "b", on: bench.connection)
        // Another moment is another order.
        try Sample.publish(try Sample.intent(), trace: "c", on: bench.connection)
        _ = StopSignal().wait(for: .milliseconds(300))
        #expect(try bench.execute(with: standBy) == [.settled, .settled])
      }
      #expect(exchange.submitted == [TraceID.orderID("a"), TraceID.orderID("c")])
      #expect(
        bench.log.lines("TERMINAL STATE: REJECTED").map(\.message) == [
          "TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: duplicate of order \(TraceID.orderID("a")) | trace_id=b"
        ])
    }
  }

  @Test(arguments: [["CLOSE", "BUY"], ["BUY", "CLOSE"]])
  func anotherActionThatComesFirstAfterALossIsNotToldTheOrderOfItsTrace(_ actions: [String]) async throws {
    try await withBench { bench, guarded, executor in
      let first = try executor()
      let exchange = bench.exchange
      let filled = ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      exchange.onSubmit = { _, _ in filled }
      exchange.onLookUp = { id in exchange.submitted.contains(id) ? filled : nil }
      try Sample.publish(try Sample.intent(action: "BUY"), trace: "a", on: bench.connection)
      #expect(try bench.execute(with: first) == [.settled])

      try bench.connection.call(["FLUSHALL"])
      try Executor.group.ensure(on: bench.connection)
      let later = try executor()
      for action in actions {
        try Sample.publish(try Sample.intent(action: action), trace: "a", on: bench.connection)
      }
      _ = StopSignal().wait(for: .milliseconds(300))
      #expect(try bench.execute(with: later) == [.settled, .settled])
      #expect(exchange.submitted.count == 1)
      let ends = try bench.after.results().map { "\($0.action.rawValue) \($0.status.rawValue) \($0.reason)" }
      #expect(Set(ends) == ["BUY filled ", "CLOSE rejected conflict: a was BUY"])
    }
  }

  private func withBench(
    _ body: (Bench, DataLossGuard, () throws -> Executor) async throws -> Void
  ) async throws {
    try await TemporaryFolder.with { folder in
      try await RedisServer.with { server in
        let bench = try Bench(try server.connect())
        let guarded = try Self.guarded(bench, folder)
        try await body(bench, guarded) { try Self.executor(bench, guarded) }
      }
    }
  }

  private static func guarded(_ bench: Bench, _ folder: TemporaryFolder) throws -> DataLossGuard {
    DataLossGuard(
      .init(folder: folder.path, window: .milliseconds(100), intentAge: .seconds(300), claimIdle: .seconds(60)),
      logger: bench.log.logger())
  }

  private static func executor(_ bench: Bench, _ guarded: DataLossGuard) throws -> Executor {
    Executor(
      exchange: bench.exchange, fence: try guarded.prepare(on: bench.connection),
      freshness: Freshness(most: .seconds(300)), window: .milliseconds(100), lossGuard: guarded,
      logger: bench.log.logger())
  }
}

extension TraceID {
  fileprivate static func orderID(_ text: String) -> String {
    (try? TraceID(text, payload: ""))?.clientOrderID ?? "none"
  }
}
