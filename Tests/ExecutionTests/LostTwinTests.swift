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

  private func withBench(
    _ body: (Bench, DataLossGuard, () throws -> Executor) async throws -> Void
  ) async throws {
    try await TemporaryFolder.with { folder in
      try await RedisServer.with { server in
        let connection = try server.connect()
        let bench = try Bench(connection)
        let guarded = DataLossGuard(
          .init(
            folder: folder.path, window: .milliseconds(100), intentAge: .seconds(300), claimIdle: .seconds(60)),
          logger: bench.log.logger())
        try await body(bench, guarded) {
          Executor(
            exchange: bench.exchange, fence: try guarded.prepare(on: connection),
            freshness: Freshness(most: .seconds(300)), window: .milliseconds(100), lossGuard: guarded,
            logger: bench.log.logger())
        }
      }
    }
  }
}

extension TraceID {
  fileprivate static func orderID(_ text: String) -> String {
    (try? TraceID(text, payload: ""))?.clientOrderID ?? "none"
  }
}
