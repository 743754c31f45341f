import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

/// What waits in Redis while a service is away is not what it holds in memory when it comes back. `make bench-memory`
/// shows the same with a million entries.
@Suite(.timeLimit(.minutes(4))) struct BacklogTests {
  @Test func theRouterNeedsNoMoreMemoryForALongBacklogThanForAShortOne() async throws {
    let short = try await peak(of: Pipeline.router, after: 2000)
    let long = try await peak(of: Pipeline.router, after: 40_000)
    #expect(long - short < 8 << 10, "\(short) KB, \(long) KB")
  }

  /// It keeps the ids of its orders, for a day and at most a million: some hundred bytes each.
  @Test func executionGrowsWithItsRecordAndNothingElse() async throws {
    let short = try await peak(of: Pipeline.execution, after: 500)
    let long = try await peak(of: Pipeline.execution, after: 8000)
    #expect(long - short < 4 << 10, "\(short) KB, \(long) KB")
  }

  /// The most memory in KB that a service has had when it has worked off so many entries that waited for it.
  private func peak(of program: String, after count: Int) async throws -> Int {
    var peak: Int?
    try await Pipeline.with { pipeline in
      let isRouter = program == Pipeline.router
      let now = Timestamp.now()
      for start in stride(from: 0, to: count, by: 1000) {
        let commands = (start..<min(start + 1000, count)).map { number in
          let moment = Timestamp(seconds: now.seconds, nanoseconds: number % 1_000_000 * 1000)
          let fields =
            isRouter
            ? pipeline.decision("t-\(number)", at: moment) : pipeline.intent("t-\(number)", at: moment)
          return Stream(isRouter ? Names.Stream.decisions : Names.Stream.intents).publishing(fields).command
        }
        _ = try pipeline.connection.pipeline(commands)
      }
      let process = try pipeline.start(program, isRouter ? [:] : ["QUANTUM_EXCHANGE": "paper"])
      defer { process.kill() }
      let target = isRouter ? Names.Stream.intents : Names.Stream.results
      try await eventually("\(count) entries are done", within: .seconds(90), every: .milliseconds(50)) {
        try pipeline.connection.call(["XLEN", target]).integer ?? 0 >= count
      }
      peak = ProcessMemory.peakKB(of: process.pid)
    }
    return try #require(peak)
  }
}
