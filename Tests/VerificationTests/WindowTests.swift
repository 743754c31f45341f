import Basics
import Deployment
import Redis
import Samples
import TestSupport
import Testing

@testable import Verification

/// What a window over a real Redis sees that a single look does not.
@Suite struct WindowTests {
  static let stream = RedisLookTests.stream

  static func run(
    _ server: RedisServer, during: @escaping @Sendable (Connection) throws -> Void = { _ in },
    subject change: (inout VerificationSubject) -> Void = { _ in }
  ) async throws -> [CheckResult] {
    var subject = VerificationSubject(units: [], redis: VerifierTests.url(server))
    subject.verify.stable = .milliseconds(1600)
    subject.verify.groups = [RedisLookTests.wanted]
    subject.verify.deadLetters = ["dead"]
    change(&subject)
    let endpoint = server.endpoint
    async let disturbance: Void = BlockingThread.run {
      Result {
        let connection = try Connection(to: endpoint)
        defer { connection.close() }
        // Behind the look with which the window begins.
        _ = try? connection.call(["BLPOP", "never", "0.8"])
        try during(connection)
      }
    }.get()
    let results = await Verifier(subject: subject, options: VerificationOptions(probe: false)).run()
    try await disturbance
    return results
  }

  static func wrong(_ results: [CheckResult]) -> [String] {
    results.filter { $0.status != .pass }.map { "\($0.id) \($0.status)" }
  }

  @Test func aGroupThatIsNotReadFails() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 9, read: 5)
      let results = try await Self.run(server)
      #expect(Self.wrong(results) == ["group.lag fail"], "\(results)")
      #expect(results.failures.first?.detail.contains("4 wait and none was delivered in 1.6 s") == true)
    }
  }

  @Test func howTheGroupsStandIsTakenDownMeanwhile() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 9, read: 5)
      let (log, origin) = (GroupSampleLog(), ContinuousClock.now)
      var verify = Manifest.Verify()
      verify.groups = [RedisLookTests.wanted]
      _ = Baseline.look(verify, units: [], at: VerifierTests.url(server), samples: log)
      _ = try await Self.run(server) {
        try $0.call(["XADD", Self.stream, "*", "k", "v"])
      } subject: {
        $0.samples = log
        $0.verify.stable = .milliseconds(2500)
      }
      let samples = log.samples(since: origin)
      // Before, at both ends of the window, and every second in between.
      #expect((4...6).contains(samples.count), "\(samples)")
      #expect(samples.map(\.at) == samples.map(\.at).sorted() && samples.last.map { $0.at > 2.4 } ?? false)
      let groups = samples.compactMap(\.groups.first)
      #expect(groups.first?.waiting == 4 && groups.last?.waiting == 5, "\(samples)")
      #expect(groups.first?.added == 9 && groups.last?.added == 10 && groups.allSatisfy { $0.read == 5 }, "\(samples)")
    }
  }

  @Test func aGroupThatMovesPasses() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 9, read: 5)
      let results = try await Self.run(server) {
        try $0.call(["XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "NOACK", "STREAMS", Self.stream, ">"])
      }
      #expect(Self.wrong(results) == [], "\(results)")
    }
  }

  @Test func entriesThatAreHeldAndNotSettledFailUnlessTheyWereBefore() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 5, read: 5, acknowledge: false)
      let results = try await Self.run(server)
      #expect(Self.wrong(results) == ["group.pending fail"], "\(results)")
      #expect(results.failures.first?.detail.contains("held by c (5)") == true, "\(results)")
      let excused = try await Self.run(server, subject: { $0.baseline = Baseline.look($0.verify, at: $0.redis) })
      #expect(Self.wrong(excused) == ["group.pending warn"], "\(excused)")
      let settled = try await Self.run(server) { try $0.call(["XACK", Self.stream, "g", "1-0"]) }
      #expect(Self.wrong(settled) == [], "\(settled)")
    }
  }

  @Test func whatPiledUpHasTheWindowToBeWorkedOff() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 2000, read: 5)
      let results = try await Self.run(server) {
        try $0.call(["XREADGROUP", "GROUP", "g", "c", "COUNT", "1990", "NOACK", "STREAMS", Self.stream, ">"])
      }
      #expect(Self.wrong(results) == [], "\(results)")
      let tooSlow = try await Self.run(server) {
        _ = try $0.pipeline((0..<2000).map { _ in ["XADD", Self.stream, "*", "a", "b"] })
        try $0.call(["XREADGROUP", "GROUP", "g", "c", "COUNT", "5", "NOACK", "STREAMS", Self.stream, ">"])
      }
      #expect(Self.wrong(tooSlow) == ["group.lag fail"], "\(tooSlow)")
      #expect(tooSlow.failures.first?.detail.contains("found 2000") == true)
    }
  }

  @Test func aDeadLetterInTheWindowFailsAndOneOfBeforeTheTransactionDoesNotCount() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 5, read: 5)
      try connection.call(["XADD", "dead", "1-1", "reason", "old"])
      #expect(Self.wrong(try await Self.run(server)) == [])
      let results = try await Self.run(server) { try $0.call(["XADD", "dead", "*", "reason", "new"]) }
      #expect(Self.wrong(results) == ["dead.letters fail"], "\(results)")
      #expect(results.failures.first?.detail.contains("1 new over 1.6 s, the newest: 'new'") == true)
    }
  }

  @Test func aDeadLetterSinceTheBaselineFailsAtOnce() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 5, read: 5)
      var verify = Manifest.Verify()
      verify.deadLetters = ["dead"]
      let baseline = Baseline.look(verify, at: VerifierTests.url(server))
      try connection.call(["XADD", "dead", "*", "reason", "new"])
      let start = ContinuousClock.now
      let results = try await Self.run(
        server,
        subject: {
          $0.baseline = baseline
          $0.verify.stable = .seconds(60)
        })
      #expect(start.duration(to: .now) < .seconds(10))
      #expect(results.failures.map(\.id) == ["dead.letters"], "\(results)")
    }
  }

  @Test func withoutWindowAndBaselineDeadLettersAreNotJudged() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 5, read: 5)
      let results = try await Self.run(server, subject: { $0.verify.stable = .zero })
      #expect(Self.wrong(results) == ["dead.letters skip"], "\(results)")
      try connection.call(["SET", "dead", "x"])
      #expect(Self.wrong(try await Self.run(server, subject: { $0.verify.stable = .zero })) == ["dead.letters fail"])
    }
  }

  @Test func aRedisThatGoesAwayInTheWindowFails() async throws {
    try await RedisServer.with { server in
      try RedisLookTests.fill(server.connect(), 5, read: 5)
      let results = try await Self.run(server) { _ = try? $0.call(["SHUTDOWN", "NOSAVE"]) }
      #expect(results.failures.map(\.id) == ["redis.reachable"], "\(results)")
    }
  }
}
