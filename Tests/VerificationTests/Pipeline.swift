import Basics
import EventBus
import Glibc
import Redis
import Synchronization

@testable import Verification

/// A router and an execution for one test, in a thread: they read one stream, write another and log to two files.
/// How they misbehave is the test's to say.
final class Pipeline: Sendable {
  struct Behaviour: Sendable {
    /// How often a decision that is new is published.
    var publishes = 1
    /// Whether a duplicate is published too.
    var publishesDuplicates = false
    /// Whether the second entry of a decision comes late.
    var delay: Duration = .zero
    var logsSkips = true
    /// The trace that a skip is logged with; `nil`: its own.
    var loggedTrace: String?
    var ends = 1
    /// The field that holds the trace, coming in and going out.
    var field = "trace_id"
    /// It stops after so many decisions.
    var lives = Int.max
  }

  let into = "test:in"
  let out = "test:out"
  let routerLog: String
  let executionLog: String
  private let stopped = Mutex(false)

  private init(_ folder: String) {
    routerLog = folder + "/router.log"
    executionLog = folder + "/execution.log"
  }

  static func with<Outcome>(
    _ behaviour: Behaviour, at endpoint: Endpoint, in folder: String, isolation: isolated (any Actor)? = #isolation,
    _ body: (Pipeline) async throws -> Outcome
  ) async throws -> Outcome {
    let pipeline = Pipeline(folder)
    let ready = try Connection(to: endpoint)
    let start = try Subscription.fromNow(Stream(pipeline.into), on: ready)
    ready.close()
    // It blocks, and must not take one of the few threads that the code under test runs on.
    let work = Task.detached { await BlockingThread.run { Result { try pipeline.work(behaviour, start, endpoint) } } }
    defer { pipeline.stopped.withLock { $0 = true } }
    let result = try await body(pipeline)
    pipeline.stopped.withLock { $0 = true }
    try await work.value.get()
    return result
  }

  private func work(_ behaviour: Behaviour, _ start: Subscription, _ endpoint: Endpoint) throws {
    var subscription = start
    let connection = try Connection(to: endpoint)
    defer { connection.close() }
    var seen: Set<String> = []
    var left = behaviour.lives
    while !stopped.withLock({ $0 }) {
      for entry in try subscription.next(limit: 100, block: .milliseconds(20), on: connection) where left > 0 {
        left -= 1
        try handle(entry, seen.insert(entry[behaviour.field] ?? "").inserted, behaviour, connection)
      }
    }
  }

  private func handle(_ entry: Entry, _ isNew: Bool, _ behaviour: Behaviour, _ connection: Connection) throws {
    let trace = entry[behaviour.field] ?? ""
    if isNew || behaviour.publishesDuplicates {
      for number in 0..<behaviour.publishes {
        if number > 0 { usleep(UInt32(behaviour.delay.components.attoseconds / 1_000_000_000_000)) }
        try Stream(out).publish([Field(behaviour.field, trace)], on: connection)
        // A late second entry comes when all else has been seen.
        if number == 0 { try logEnd(of: trace, behaviour.ends) }
      }
    } else if behaviour.logsSkips {
      try Scratch.write(
        "DUPLICATE_SKIP trace_id=\(behaviour.loggedTrace ?? trace)\n", to: routerLog, appending: true)
    }
  }

  private func logEnd(of trace: String, _ times: Int) throws {
    for _ in 0..<times {
      try Scratch.write(
        "TERMINAL STATE: REJECTED | PROBEUSDT BUY | trace_id=\(trace)\n", to: executionLog, appending: true)
    }
  }
}
