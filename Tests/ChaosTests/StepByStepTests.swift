import EventBus
import TestSupport
import Testing
import Trading

/// A service is killed at every boundary: before Redis or the venue has a request, and when it has answered but the
/// service does not know. After each death the next process comes, and everything has come out once.
@Suite(.timeLimit(.minutes(5))) struct StepByStepTests {
  @Test(arguments: [Relay.Passage.before, .answered])
  func aRouterKilledAtAnyRequest(_ passage: Relay.Passage) async throws {
    try await everyPlace(passage, killing: Pipeline.router) { pipeline, _ in
      let now = Timestamp.now()
      for _ in 1...2 { try pipeline.publishDecision("t-1", at: now) }
      try pipeline.publishDecision("t-2")
    } isDone: { pipeline in
      try pipeline.entries(Names.Stream.intents).count >= 2 && pipeline.pending(Pipeline.decisions) == 0
    } assert: { pipeline, place in
      let intents = try pipeline.entries(Names.Stream.intents)
      #expect(intents.map { $0["trace_id"] } == ["t-1", "t-2"], "\(place)")
      #expect(try pipeline.entries(Names.Stream.deadLetters).isEmpty, "\(place)")
      #expect(try pipeline.pending(Pipeline.decisions) == 0, "\(place)")
    }
  }

  @Test(arguments: [Relay.Passage.before, .answered])
  func anExecutionKilledAtAnyRequest(_ passage: Relay.Passage) async throws {
    try await everyPlace(passage, killing: Pipeline.execution) { pipeline, _ in
      try pipeline.publishIntent("t-1")
      try pipeline.publishIntent("t-2")
    } isDone: { pipeline in
      try pipeline.entries(Names.Stream.results).count >= 2 && pipeline.pending(Pipeline.intents) == 0
    } assert: { pipeline, place in
      #expect(try pipeline.entries(Names.Stream.results).map { $0["trace_id"] } == ["t-1", "t-2"], "\(place)")
      let results = try pipeline.results()
      #expect(results.map(\.status) == [.filled, .filled], "\(place)")
      #expect(try pipeline.venue.ledger().map(\.order) == results.map(\.orderID), "\(place)")
      #expect(try pipeline.pending(Pipeline.intents) == 0, "\(place)")
    }
  }

  /// Kills at the first request, then at the second, and so on until a process has done its work before its end.
  private func everyPlace(
    _ passage: Relay.Passage, killing program: String, prepare: (Pipeline, Int) throws -> Void,
    isDone: @escaping (Pipeline) throws -> Bool, assert: (Pipeline, String) throws -> Void
  ) async throws {
    var number = 1
    while number < 200 {
      var isSurvived = false
      try await Pipeline.with { pipeline in
        try prepare(pipeline, number)
        isSurvived = try await !strike(pipeline, program, number, passage, isDone)
        let next = try pipeline.start(program, log: "next.log")
        try await eventually("all is done after a death at request \(number)", within: .seconds(20)) {
          try isDone(pipeline) && pipeline.folder.read("next.log").contains("ready: ")
        }
        #expect(pipeline.stop(next) == .exited(0))
        try assert(pipeline, "killed at request \(number), \(passage)")
      }
      if isSurvived { break }
      number += 1
    }
    // Fewer would mean that the requests did not go through the relay.
    #expect(number > 6)
  }

  /// False when the process had done its work before its place came.
  private func strike(
    _ pipeline: Pipeline, _ program: String, _ number: Int, _ passage: Relay.Passage,
    _ isDone: @escaping (Pipeline) throws -> Bool
  ) async throws -> Bool {
    let trap = Trap(at: number, passage)
    // Not "redis": the folder is also the state directory, which has a file of that name.
    let redis = try Relay(at: pipeline.folder["redis-relay"], to: pipeline.redisSocket) { trap.pass($0) }
    let venue = try Relay(at: pipeline.folder["relay"], to: pipeline.venue.socket) { trap.pass($0) }
    defer { withExtendedLifetime((redis, venue)) {} }
    var settings = ["QUANTUM_REDIS": "unix://\(pipeline.folder["redis-relay"])"]
    if program == Pipeline.execution { settings["QUANTUM_VENUE"] = pipeline.folder["relay"] }
    let process = try pipeline.start(program, settings)
    trap.arm(process.pid)
    try await eventually("it is dead, or has done its work") { try process.poll() != nil || isDone(pipeline) }
    process.kill()
    return trap.isSprung
  }
}
