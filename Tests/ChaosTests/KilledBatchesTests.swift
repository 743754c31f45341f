import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

/// An execution that is killed again and again between the claims, the orders and the ends of a batch.
@Suite(.timeLimit(.minutes(4))) struct KilledBatchesTests {
  private static let count = 8000

  @Test func eachOrderIsMadeAndToldOnceWhereverABatchIsCut() async throws {
    try await Pipeline.with { pipeline in
      let now = Timestamp.now()
      for start in stride(from: 0, to: Self.count, by: 1000) {
        let commands = (start..<start + 1000).map { number in
          let moment = Timestamp(seconds: now.seconds, nanoseconds: number * 1000)
          // By turns, so that the balance lasts.
          let changed = ["payload": payload(number.isMultiple(of: 2) ? "BUY" : "SELL", at: moment)]
          return Stream(Names.Stream.intents)
            .publishing(pipeline.intent("t-\(number)", at: moment, changed: changed)).command
        }
        _ = try pipeline.connection.pipeline(commands)
      }
      // How often it was killed after orders were made and before their ends were told.
      var cut = 0
      var generator = SeededGenerator(seed: 7)
      for _ in 1...80 where cut < 5 {
        let process = try pipeline.start(Pipeline.execution, ["QUANTUM_EXCHANGE": "paper"])
        let before = try told(pipeline)
        try await eventually("it goes on", within: .seconds(20), every: .milliseconds(1)) {
          try told(pipeline) > before || told(pipeline) == Self.count
        }
        usleep(UInt32.random(in: 0...10_000, using: &generator))
        process.kill()
        if try made(pipeline) > told(pipeline) { cut += 1 }
      }
      #expect(cut > 0, "no batch was cut between its orders and their ends")
      let process = try pipeline.start(Pipeline.execution, ["QUANTUM_EXCHANGE": "paper"])
      defer { process.kill() }
      try await eventually("all is told", within: .seconds(60), every: .milliseconds(20)) {
        try told(pipeline) >= Self.count && pipeline.pending(Pipeline.intents) == 0
      }
      let results = try pipeline.results()
      #expect(results.count == Self.count)
      #expect(Set(results.map(\.clientOrderID)).count == Self.count)
      #expect(Set(results.map(\.orderID)).count == Self.count)
      #expect(results.allSatisfy { $0.status == .filled })
      #expect(try made(pipeline) == Self.count)
      #expect(try pipeline.connection.call(["HGET", "quantum:paper:book", "lots:BTCUSDT"]).integer ?? 0 == 0)
    }
  }

  private func told(_ pipeline: Pipeline) throws -> Int {
    Int(try pipeline.connection.call(["XLEN", Names.Stream.results]).integer ?? 0)
  }

  private func made(_ pipeline: Pipeline) throws -> Int {
    Int(try pipeline.connection.call(["HGET", "quantum:paper:book", "orders"]).integer ?? 0)
  }

  private func payload(_ action: String, at moment: Timestamp) -> String {
    """
    {"symbol": "BTCUSDT", "action": "\(action)", "confidence": 0.9, "timestamp": "\(moment)", "position_size_usd": 500, \
    "leverage": 10, "entry_price": 50000, "stop_loss": 0, "take_profit": 0, "source": "test"}
    """
  }
}
