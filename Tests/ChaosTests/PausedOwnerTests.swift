import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

/// An execution that is stopped in the middle of an order, while another takes over, and wakes up.
@Suite(.timeLimit(.minutes(2))) struct PausedOwnerTests {
  @Test func onceItsOrderIsSettledByAnotherItSettlesNothing() async throws {
    // The venue takes its time to answer the first.
    try await Pipeline.with(["--tempers", "late=1", "--slowness", "1500"]) { pipeline in
      let first = try await paused(pipeline, order: 1)
      let second = try await takenOver(pipeline)
      try await wake(first, pipeline)
      #expect(pipeline.stop(second) == .exited(0))
      #expect(try pipeline.venue.ledger().map(\.order) == ["v-1"])
      #expect(try pipeline.results().map(\.orderID) == ["v-1"])
    }
  }

  @Test func anOrderThatArrivesAfterAnothersIsNotMade() async throws {
    try await Pipeline.with { pipeline in
      // What it sends stays on the way until nobody may make an order of it any more.
      pipeline.venue.pause(true)
      let first = try await paused(pipeline, order: 0)
      try await Task.sleep(for: .milliseconds(200))
      pipeline.venue.pause(false)
      let second = try await takenOver(pipeline)
      try await wake(first, pipeline)
      #expect(pipeline.stop(second) == .exited(0))
      #expect(try pipeline.venue.ledger().count == 1)
      #expect(try pipeline.results().map(\.status) == [.filled])
    }
  }

  /// An execution that was stopped with an intent claimed and its order sent.
  private func paused(_ pipeline: Pipeline, order count: Int) async throws -> ChildProcess {
    try pipeline.publishIntent("t-1")
    let first = try pipeline.start(Pipeline.execution, ["QUANTUM_INSTANCE": "1", "QUANTUM_VENUE_TIMEOUT": "30s"])
    let trace = try TraceID("t-1", payload: "")
    try await eventually("the order is sent") {
      try pipeline.connection.call(["EXISTS", Names.Key.orderState(trace)]).integer == 1
        && pipeline.venue.ledger().count == count
    }
    if count == 0 { try await Task.sleep(for: .milliseconds(50)) }
    first.signal(SIGSTOP)
    return first
  }

  /// The execution that has settled the intent in its place.
  private func takenOver(_ pipeline: Pipeline) async throws -> ChildProcess {
    let second = try pipeline.start(Pipeline.execution, ["QUANTUM_INSTANCE": "2"])
    try await eventually("the second has taken over") { try pipeline.results().count == 1 }
    #expect(try pipeline.pending(Pipeline.intents) == 0)
    return second
  }

  private func wake(_ first: ChildProcess, _ pipeline: Pipeline) async throws {
    first.signal(SIGCONT)
    #expect(first.wait(upTo: .seconds(10)) == .exited(75))
    #expect(try pipeline.results().count == 1)
    #expect(try !pipeline.folder.read("quantum-execution-1.log").contains("TERMINAL STATE"))
    #expect(try pipeline.folder.read("quantum-execution-2.log").contains("standing by: "))
  }
}
