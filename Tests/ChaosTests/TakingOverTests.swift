import EventBus
import Redis
import TestSupport
import Testing
import Trading

/// The services that were there before have left their streams, groups and keys behind.
@Suite(.timeLimit(.minutes(2))) struct TakingOverTests {
  @Test func nobodysWorkIsRepeatedSilently() async throws {
    try await Pipeline.with { pipeline in
      for number in 1...3 { try pipeline.publishDecision("t-\(number)") }
      let old = Group("old-router", of: Names.Stream.decisions)
      try old.ensure(on: pipeline.connection)
      _ = try old.readNew(as: "old", limit: 2, block: .milliseconds(1), on: pipeline.connection)

      let undecided = try pipeline.start(Pipeline.router)
      #expect(undecided.wait(upTo: .seconds(10)) == .exited(78))
      #expect(try pipeline.log(Pipeline.router).contains("set QUANTUM_GROUP_START to group:<name>"))

      let router = try pipeline.start(Pipeline.router, ["QUANTUM_GROUP_START": "group:old-router"])
      try await eventually("what was left is routed") { try pipeline.entries(Names.Stream.intents).count == 1 }
      #expect(try pipeline.entries(Names.Stream.intents).map { $0["trace_id"] } == ["t-3"])
      #expect(pipeline.stop(router) == .exited(0))
      // Decided once.
      let again = try pipeline.start(Pipeline.router)
      try pipeline.publishDecision("t-4")
      try await eventually("it goes on") { try pipeline.entries(Names.Stream.intents).count == 2 }
      #expect(pipeline.stop(again) == .exited(0))
    }
  }

  @Test func whatTheOldServicesHadInHandComesToOneEnd() async throws {
    try await Pipeline.with { pipeline in
      let now = Timestamp.now()
      // Pending with a consumer of our own group that is dead; one of them is in an old shape.
      try pipeline.publishIntent("t-pending", at: now)
      let payload = """
        {"symbol": "ETHUSDT", "side": "LONG", "position_size_usd": 500, "entry_price": 2000, "stop_loss": null, \
        "timestamp": \(now.seconds * 1000)}
        """
      try Stream(Names.Stream.intents).publish([Field("data", payload)], on: pipeline.connection)
      try Pipeline.intents.ensure(on: pipeline.connection)
      _ = try Pipeline.intents.readNew(as: "dead", limit: 9, block: .milliseconds(1), on: pipeline.connection)
      // Begun by the old execution, and routed by the old router.
      let begun = now.adding(.seconds(1))
      try pipeline.connection.call(["SET", "quantum:dedup:order:BTCUSDT_\(begun)", "1"])
      try pipeline.publishIntent("t-begun", at: begun)
      try pipeline.connection.call(["SET", "quantum:dedup:trade_intent:t-routed", "1"])
      try pipeline.publishDecision("t-routed", at: now.adding(.seconds(2)))

      let services = try [Pipeline.router, Pipeline.execution].map { try pipeline.start($0) }
      try await eventually("all have their end", within: .seconds(30)) { try pipeline.results().count == 3 }
      let ends = try pipeline.results().map { "\($0.symbol) \($0.status) \($0.reason)" }.sorted()
      #expect(
        ends == [
          "BTCUSDT failed begun by the old service, look at the exchange", "BTCUSDT filled ", "ETHUSDT filled ",
        ])
      #expect(try pipeline.venue.ledger().count == 2)
      try await eventually("the repetition is skipped") {
        try pipeline.log(Pipeline.router).contains("DUPLICATE_SKIP trace_id=t-routed")
      }
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
    }
  }

  @Test func theProofIsACommandForServicesThatRun() async throws {
    try await Pipeline.with { pipeline in
      func prove(_ arguments: [String]) throws -> (end: ChildProcess.End?, output: String) {
        let name = "proof-\(UInt32.random(in: 0 ... .max))"
        let proof = try ChildProcess(
          BuiltProgram.path(of: "quantum-proof"),
          ["--redis", "unix://\(pipeline.redisSocket)", "--log", pipeline.folder["\(Pipeline.router)-1.log"]]
            + arguments,
          output: pipeline.folder[name])
        return (proof.wait(upTo: .seconds(60)), try pipeline.folder.read(name))
      }
      let services = try [Pipeline.router, Pipeline.execution].map { try pipeline.start($0) }
      try await eventually("the router is ready") { try pipeline.log(Pipeline.router).contains("ready: ") }
      let good = try prove(["--symbol", "BTCUSDT"])
      #expect(good.end == .exited(0), "\(good.output)")
      #expect(good.output.contains("10 of 10 rounds came out exactly once"))
      #expect(try pipeline.results().count == 10)
      // Without a router nothing comes out, and the proof says so.
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
      let bad = try prove(["--rounds", "1", "--within", "1"])
      #expect(bad.end == .exited(1))
      #expect(bad.output.contains("FAIL  round 1: "))
    }
  }
}
