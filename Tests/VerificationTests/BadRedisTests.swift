import Deployment
import Glibc
import Redis
import TestSupport
import Testing

@testable import Verification

/// Whatever state Redis is in, a verification ends in bounded time with one clear line.
@Suite struct BadRedisTests {
  static func verify(
    _ url: String, window: Duration = .zero, patience: Duration = .milliseconds(300),
    probe: Bool = true, groups: [Manifest.ConsumerGroup] = [RedisLookTests.wanted]
  ) async -> (results: [CheckResult], time: Duration) {
    var subject = VerificationSubject(units: [], redis: url)
    subject.verify.stable = window
    subject.verify.groups = groups
    subject.verify.deadLetters = ["dead"]
    subject.verify.duplicates = Manifest.Duplicates(into: "in", out: "out", unit: "router.service")
    subject.verify.duplicates?.within = .milliseconds(300)
    var options = VerificationOptions(probe: probe)
    options.patience = patience
    let start = ContinuousClock.now
    let results = await Verifier(subject: subject, options: options).run()
    return (results, start.duration(to: .now))
  }

  /// Stops the server's process while `body` runs.
  static func frozen<Value>(
    _ server: RedisServer, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
  ) async throws -> Value {
    let info = try server.connect().call(["INFO", "server"]).string ?? ""
    let pid = try #require(pid_t(ServerInfo(info)["process_id"] ?? ""))
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGCONT) }
    return try await body()
  }

  @Test func oneThatHangsIsOneFailure() async throws {
    try await RedisServer.with { server in
      try RedisLookTests.fill(server.connect(), 5, read: 5)
      let (results, time) = try await Self.frozen(server) { await Self.verify(VerifierTests.url(server)) }
      #expect(results.failures.map(\.id) == ["redis.reachable"])
      #expect(results.failures.first?.detail.contains("did not answer") == true, "\(results.failures)")
      #expect(time < .seconds(3), "\(time)")
      // A machine with much else to do takes a moment until the server goes on.
      let after = await Self.verify(VerifierTests.url(server), patience: .seconds(5), probe: false).results
      #expect(after.failures == [])
    }
  }

  @Test func oneThatBeginsToHangInTheWindowIsOneFailure() async throws {
    try await RedisServer.with { server in
      try RedisLookTests.fill(server.connect(), 5, read: 5)
      let url = VerifierTests.url(server)
      let verified = Task { await Self.verify(url, window: .seconds(1), probe: false) }
      try await Task.sleep(for: .milliseconds(500))
      let (results, time) = try await Self.frozen(server) { await verified.value }
      #expect(results.failures.map(\.id) == ["redis.reachable"], "\(results.failures)")
      #expect(time < .seconds(4), "\(time)")
    }
  }

  @Test func theLookBeforeATransactionWaitsForNoneThatHangs() async throws {
    try await RedisServer.with { server in
      let url = VerifierTests.url(server)
      let time = try await Self.frozen(server) {
        let start = ContinuousClock.now
        var verify = Manifest.Verify()
        verify.groups = [RedisLookTests.wanted]
        #expect(Baseline.look(verify, at: url) == nil)
        return start.duration(to: .now)
      }
      #expect(time < .seconds(8), "\(time)")
    }
  }

  @Test func oneThatWantsAPasswordSaysSo() async throws {
    try await RedisServer.with(.init(password: "secret-of-the-test")) { server in
      let results = await Self.verify(VerifierTests.url(server)).results
      #expect(results.failures.map(\.id) == ["redis.reachable"])
      #expect(results.failures.first?.detail.contains("requires a password") == true)
    }
  }

  @Test func oneThatIsLoadingSaysSo() async throws {
    try await RedisServer.with(.init(configuration: ["key-load-delay 600"])) { server in
      _ = try server.connect().pipeline((0..<8000).map { ["SET", "key-\($0)", "x"] })
      server.kill()
      let url = VerifierTests.url(server)
      let seen = Task.detached {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
          let failures = await VerifierTests.run(VerifierTests.subject(url)).failures
          if failures.map(\.id) == ["redis.reachable"], failures[0].detail.contains("still loading") { return true }
        }
        return false
      }
      try server.start()
      #expect(await seen.value)
    }
  }

  @Test func tenThousandGroupsAreOneLook() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 10, read: 10)
      _ = try connection.pipeline((0..<10_000).map { ["XGROUP", "CREATE", RedisLookTests.stream, "other-\($0)", "0"] })
      let (results, time) = await Self.verify(VerifierTests.url(server), patience: .seconds(2), probe: false)
      #expect(results.failures == [])
      #expect(results.first { $0.id == "group.orphans" }?.status == .warn)
      #expect(time < .seconds(2), "\(time)")
      print("10,000 groups: \(time)")
    }
  }

  /// Ten million, with `QTCTL_BENCH` set: they take half a minute and a gigabyte to make.
  @Test(.timeLimit(.minutes(3))) func millionsOfEntriesAreOneLook() async throws {
    try await RedisServer.with(.init(appendOnly: false)) { server in
      let millions = getenv("QTCTL_BENCH") == nil ? 1 : 10
      let connection = try server.connect()
      for part in 0..<millions * 10 {
        try connection.call(
          [
            "EVAL", "for i = 1, 100000 do redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. i, 'a', i) end", "1",
            RedisLookTests.stream, "\(part + 1)",
          ], timeout: .seconds(60))
      }
      try connection.call(["XGROUP", "CREATE", RedisLookTests.stream, "g", "0"])
      try connection.call(["XGROUP", "CREATECONSUMER", RedisLookTests.stream, "g", "c"])
      let (results, time) = await Self.verify(VerifierTests.url(server), patience: .seconds(2), probe: false)
      #expect(results.failures.map(\.id) == ["redis.durable", "group.lag"], "\(results.failures)")
      #expect(results.failures.last?.detail.contains("found \(millions * 1_000_000)") == true)
      #expect(time < .seconds(2), "\(time)")
      print("\(millions),000,000 entries: \(time)")
    }
  }
}
