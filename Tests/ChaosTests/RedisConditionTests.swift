import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

/// A Redis that refuses, forgets or loses something while both services have work: what they do and say, and that they
/// do not spin meanwhile.
@Suite(.timeLimit(.minutes(3))) struct RedisConditionTests {
  /// A state in which Redis refuses for a while.
  enum Refusal: String, CaseIterable, Sendable {
    case oom = "OOM"
    case readOnly = "READONLY"
    case misconfigured = "MISCONF"
    case loading = "LOADING"
  }

  @Test(arguments: Refusal.allCases)
  func whatRedisRefusesIsWaitedForWithoutALossAndWithoutSpinning(_ refusal: Refusal) async throws {
    let options = RedisServer.Options(configuration: ["save 3600 1", "key-load-delay 500"])
    try await Pipeline.with(redis: options) { pipeline in
      let services = try await working(pipeline)
      for service in services { service.signal(SIGSTOP) }
      for number in 1...5 { try pipeline.publishDecision("t-\(number)") }
      try begin(refusal, pipeline)
      for service in services { service.signal(SIGCONT) }
      try await eventually("it is said", within: .seconds(10)) {
        try pipeline.log(Pipeline.router).contains("Redis refused: \(refusal.rawValue)")
      }
      try await expectIdle(services)
      try end(refusal, pipeline)
      try await eventually("all is done", within: .seconds(20)) { (try? pipeline.results().count) == 6 }
      #expect(Set(try pipeline.results().map(\.status)) == [.filled])
      #expect(try pipeline.entries(Names.Stream.deadLetters).isEmpty)
      #expect(try pipeline.venue.ledger().count == 6)
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
    }
  }

  @Test func scriptsThatRedisHasForgottenAreSentAgain() async throws {
    try await Pipeline.with { pipeline in
      let services = try await working(pipeline)
      try pipeline.connection.call(["SCRIPT", "FLUSH"])
      try pipeline.publishDecision("t-1")
      try await eventually("it is filled") { try pipeline.results().count == 2 }
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
      // The first intent is older than execution, so the exchange was asked about it.
      for program in [Pipeline.router, Pipeline.execution] {
        #expect(try !pipeline.log(program).contains("waiting: Redis"))
      }
    }
  }

  @Test(arguments: [true, false])
  func aGroupOrAStreamThatIsDeletedIsMadeAgainAndNothingIsOrderedTwice(_ isStream: Bool) async throws {
    try await Pipeline.with { pipeline in
      let services = try await working(pipeline)
      for group in [Pipeline.decisions, Pipeline.intents] {
        let command: Command = isStream ? ["DEL", group.stream] : ["XGROUP", "DESTROY", group.stream, group.name]
        try pipeline.connection.call(command)
      }
      try await eventually("the groups are there again", within: .seconds(20)) {
        [Pipeline.decisions, Pipeline.intents].allSatisfy { group in
          (try? pipeline.connection.ask(Stream(group.stream).groups))?.isEmpty == false
        }
      }
      try pipeline.publishDecision("t-1")
      try await eventually("it is filled", within: .seconds(20)) { try pipeline.results().count == 2 }
      try await expectIdle(services)
      #expect(try pipeline.venue.ledger().count == 2)
      let skips = try pipeline.log(Pipeline.router).split(separator: "\n").count { $0.contains("DUPLICATE_SKIP") }
      #expect(skips == (isStream ? 0 : 1))
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
    }
  }

  @Test func aDedupKeyThatExpiredEarlyMakesNoSecondOrder() async throws {
    try await Pipeline.with { pipeline in
      let now = Timestamp.now()
      let services = try await working(pipeline, at: now)
      // As a clock that steps 25 hours ahead does.
      let keys = try pipeline.connection.call(["KEYS", "quantum:dedup:*"]).requireArray(of: "KEYS").compactMap(\.string)
      #expect(keys.count == 2)
      try pipeline.connection.call(Command(["DEL"] + keys))
      try pipeline.publishDecision("t-0", at: now)
      try await eventually("it is skipped by execution") {
        try pipeline.log(Pipeline.execution).contains("DUPLICATE_SKIP trace_id=t-0")
      }
      #expect(try pipeline.entries(Names.Stream.intents).count == 2)
      #expect(try pipeline.results().count == 1)
      #expect(try pipeline.venue.ledger().count == 1)
      try await eventually("nothing is pending") { try pipeline.pending(Pipeline.intents) == 0 }
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
    }
  }

  @Test func onADataSetThatWasWipedExecutionAsksTheExchangeAndGoesOn() async throws {
    try await Pipeline.with { pipeline in
      let now = Timestamp.now()
      let services = try await working(pipeline, at: now)
      try pipeline.connection.call(["FLUSHALL"])
      // The first one was filled, which Redis does not know any more.
      try pipeline.publishDecision("t-0", at: now)
      try pipeline.publishDecision("t-1")
      try await eventually("both have their end", within: .seconds(20)) { try pipeline.results().count == 2 }
      #expect(try Set(pipeline.results().map(\.status)) == [.filled])
      #expect(try pipeline.venue.ledger().count == 2)
      #expect(try pipeline.log(Pipeline.execution).contains("REDIS LOST WRITES: "))
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
    }
  }

  /// Both services, with a first decision behind them.
  private func working(_ pipeline: Pipeline, at now: Timestamp = .now()) async throws -> [ChildProcess] {
    let services = try [Pipeline.router, Pipeline.execution].map { try pipeline.start($0) }
    try pipeline.publishDecision("t-0", at: now)
    try await eventually("the first decision is filled") { try pipeline.results().count == 1 }
    return services
  }

  /// Neither uses more than a twentieth of a core.
  private func expectIdle(_ services: [ChildProcess]) async throws {
    let before = try services.map { try $0.cpuTime() }
    try await Task.sleep(for: .seconds(2))
    for (service, start) in zip(services, before) {
      #expect(try service.cpuTime() - start < .milliseconds(100))
    }
  }

  private func begin(_ refusal: Refusal, _ pipeline: Pipeline) throws {
    let connection = pipeline.connection
    switch refusal {
    case .oom: try connection.call(["CONFIG", "SET", "maxmemory", "1"])
    case .readOnly: try connection.call(["REPLICAOF", "127.0.0.1", "1"])
    case .misconfigured:
      // A snapshot that cannot be written.
      mkdir(pipeline.redis.folder + "/dump.rdb", 0o700)
      try connection.call(["BGSAVE"])
      while try !connection.call(["INFO", "persistence"]).string.unsafelyUnwrapped.contains("last_bgsave_status:err") {
        usleep(5000)
      }
    case .loading: try load(pipeline)
    }
  }

  /// Restarts Redis with so much to load that it takes a while.
  private func load(_ pipeline: Pipeline) throws {
    let ballast = Array(repeating: Command("INCR", "ballast"), count: 8000)
    _ = try pipeline.connection.pipeline(ballast)
    pipeline.redis.kill()
    try pipeline.redis.start(andWait: false)
  }

  private func end(_ refusal: Refusal, _ pipeline: Pipeline) throws {
    switch refusal {
    case .oom: try pipeline.connection.call(["CONFIG", "SET", "maxmemory", "0"])
    case .readOnly: try pipeline.connection.call(["REPLICAOF", "NO", "ONE"])
    case .misconfigured:
      rmdir(pipeline.redis.folder + "/dump.rdb")
      try pipeline.connection.call(["BGSAVE"])
    case .loading:
      try pipeline.redis.waitUntilItAnswers()
      try pipeline.reconnect()
    }
  }
}
