import EventBus
import Redis
import TestSupport
import Testing
import Trading

/// The first user's proof: two identical events, one intent, and the second logged as DUPLICATE_SKIP; five of five.
@Suite(.timeLimit(.minutes(2))) struct FirstUsersProofTests {
  @Test func fiveRoundsOfFive() async throws {
    try await Pipeline.with { pipeline in
      let router = try pipeline.start(Pipeline.router)
      for round in 1...5 {
        let now = Timestamp.now()
        for _ in 1...2 { try pipeline.publishDecision("proof-\(round)", at: now) }
        try await eventually("the second is skipped") { try skips(pipeline).count == round }
        #expect(try pipeline.entries(Names.Stream.intents).map { $0["trace_id"] }.last == "proof-\(round)")
        #expect(try pipeline.entries(Names.Stream.intents).count == round)
      }
      #expect(try skips(pipeline) == (1...5).map { "proof-\($0)" })
      #expect(pipeline.stop(router) == .exited(0))
    }
  }

  @Test func fiveRoundsAtOnceFromTwoPublishersThroughTwoRouters() async throws {
    try await Pipeline.with { pipeline in
      // The groups are there when the events come, so that both routers have their share.
      let routers = try ["1", "2"].map {
        try pipeline.start(Pipeline.router, ["QUANTUM_INSTANCE": $0, "QUANTUM_BATCH": "1"])
      }
      let traces = (1...5).map { "proof-\($0)" }
      let now = Timestamp.now()
      let (endpoint, fields) = (pipeline.redis.endpoint, traces.map { pipeline.decision($0, at: now) })
      for _ in 1...2 {
        Background.run {
          guard let connection = try? Connection(to: endpoint) else { return }
          for entry in fields { _ = try? Stream(Names.Stream.decisions).publish(entry, on: connection) }
        }
      }
      try await eventually("all are routed or skipped") { try skips(pipeline).count == 5 }
      #expect(try pipeline.entries(Names.Stream.intents).compactMap { $0["trace_id"] }.sorted() == traces)
      #expect(try skips(pipeline).sorted() == traces)
      #expect(try pipeline.pending(Pipeline.decisions) == 0)
      for router in routers { #expect(pipeline.stop(router) == .exited(0)) }
    }
  }

  /// The traces of the DUPLICATE_SKIP lines of all routers.
  private func skips(_ pipeline: Pipeline) throws -> [String] {
    ["1", "2"].flatMap { instance -> [String] in
      guard let log = try? pipeline.folder.read("\(Pipeline.router)-\(instance).log") else { return [] }
      return log.split(separator: "\n").compactMap { line in
        line.firstRange(of: "DUPLICATE_SKIP trace_id=").map { String(line[$0.upperBound...]) }
      }
    }
  }
}
