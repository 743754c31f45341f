import EventBus
import Glibc
import Redis
import Synchronization
import TestSupport
import Testing
import Trading

/// An execution that is stopped in the middle of an order, while another takes over, and wakes up.
@Suite(.timeLimit(.minutes(2))) struct PausedOwnerTests {
  /// What the first execution says to the venue, and may be held up for a while.
  private final class Way: Sendable {
    private let state = Mutex((asked: false, isHeld: true))

    var isUsed: Bool { state.withLock { $0.asked } }

    func pass() {
      state.withLock { $0.asked = true }
      while state.withLock({ $0.isHeld }) { usleep(1000) }
    }

    func open() {
      state.withLock { $0.isHeld = false }
    }
  }

  @Test func onceItsOrderIsSettledByAnotherItSettlesNothing() async throws {
    // The venue takes its time to answer the first.
    try await Pipeline.with(["--faults", "late=1", "--slowness", "1500"]) { pipeline in
      let first = try begin(pipeline, venue: pipeline.venue.socket)
      try await eventually("the order is made") { try pipeline.venue.ledger().count == 1 }
      first.signal(SIGSTOP)
      let second = try await takenOver(pipeline)
      try await wake(first, pipeline)
      #expect(pipeline.stop(second) == .exited(0))
      #expect(try pipeline.venue.ledger().map(\.order) == ["v-1"])
      #expect(try pipeline.results().map(\.orderID) == ["v-1"])
    }
  }

  @Test func anOrderThatArrivesAfterAnothersIsNotMade() async throws {
    try await Pipeline.with { pipeline in
      let way = Way()
      let relay = try Relay(at: pipeline.folder["relay"], to: pipeline.venue.socket) { passage in
        if case .before = passage { way.pass() }
      }
      defer { withExtendedLifetime(relay) {} }
      let first = try begin(pipeline, venue: pipeline.folder["relay"])
      try await eventually("the order is sent") { way.isUsed }
      first.signal(SIGSTOP)
      let second = try await takenOver(pipeline)
      #expect(try pipeline.venue.ledger().count == 1)
      // The venue has forgotten the id, and now what the first has sent gets there.
      way.open()
      try await wake(first, pipeline)
      #expect(pipeline.stop(second) == .exited(0))
      #expect(try pipeline.venue.ledger().count == 1)
      #expect(try pipeline.results().map(\.status) == [.filled])
    }
  }

  /// An execution that has an intent to work on.
  private func begin(_ pipeline: Pipeline, venue: String) throws -> ChildProcess {
    try pipeline.publishIntent("t-1")
    let settings = ["QUANTUM_INSTANCE": "1", "QUANTUM_VENUE": venue, "QUANTUM_VENUE_TIMEOUT": "30s"]
    return try pipeline.start(Pipeline.execution, settings)
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
