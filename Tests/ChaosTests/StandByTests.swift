import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

/// Two executions: one works and the other stands by.
@Suite(.timeLimit(.minutes(2))) struct StandByTests {
  @Test func theSecondTakesOverWhenTheFirstIsKilledAndTheFirstThenStandsBy() async throws {
    try await Pipeline.with { pipeline in
      let first = try await ready(pipeline, "1", "ready: ")
      let second = try await ready(pipeline, "2", "standing by: ")
      // Without work it is not silent.
      try await Task.sleep(for: .milliseconds(2500))
      try pipeline.publishIntent("t-1")
      try await eventually("the first fills") { try pipeline.results().count == 1 }
      #expect(try !log(pipeline, "2").contains("TERMINAL STATE"))

      first.kill()
      try pipeline.publishIntent("t-2")
      try await eventually("the second fills") { try pipeline.results().count == 2 }
      #expect(try log(pipeline, "2").contains("TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=t-2"))

      // Back again it does not take the trade away, as the two would do so in turn for ever.
      let again = try await ready(pipeline, "1", "standing by: ")
      try pipeline.publishIntent("t-3")
      try await eventually("the second goes on") { try log(pipeline, "2").contains("trace_id=t-3") }
      #expect(again.poll() == nil)
      #expect(pipeline.stop(again) == .exited(0))
      #expect(pipeline.stop(second) == .exited(0))
    }
  }

  @Test func nobodyWaitsForOneThatWasStopped() async throws {
    try await Pipeline.with { pipeline in
      let settings = ["QUANTUM_CLAIM_IDLE": "1h"]
      let first = try await ready(pipeline, "1", "ready: ", settings)
      let second = try await ready(pipeline, "2", "standing by: ", settings)
      #expect(pipeline.stop(first) == .exited(0))
      try pipeline.publishIntent("t-1")
      try await eventually("the second takes over at once") { try pipeline.results().count == 1 }
      #expect(try pipeline.connection.ask(Pipeline.intents.consumers).count == 1)
      #expect(pipeline.stop(second) == .exited(0))
    }
  }

  private func ready(
    _ pipeline: Pipeline, _ instance: String, _ line: String, _ settings: [String: String] = [:]
  ) async throws -> ChildProcess {
    let service = try pipeline.start(Pipeline.execution, settings.merging(["QUANTUM_INSTANCE": instance]) { $1 })
    try await eventually("instance \(instance) says '\(line)'") {
      try service.poll() == nil && log(pipeline, instance).contains(line)
    }
    return service
  }

  private func log(_ pipeline: Pipeline, _ instance: String) throws -> String {
    try pipeline.folder.read("quantum-execution-\(instance).log")
  }
}
