import Deployment
import Redis
import TestSupport
import Testing

@testable import Verification

/// Whole runs, on a machine where systemd may not answer: what concerns units then fails, which is tested too.
@Suite struct VerifierTests {
  static func subject(_ redis: String?) -> VerificationSubject {
    var verify = Manifest.Verify()
    verify.stable = .zero
    verify.groups = [
      Manifest.ConsumerGroup(stream: "s", group: "g"), Manifest.ConsumerGroup(stream: "s", group: "h"),
    ]
    verify.duplicates = Manifest.Duplicates(into: "in", out: "s", unit: "router.service")
    return VerificationSubject(units: [], verify: verify, redis: redis)
  }

  static func run(_ subject: VerificationSubject, _ change: (inout VerificationOptions) -> Void = { _ in }) async
    -> [CheckResult]
  {
    var options = VerificationOptions(probe: false)
    change(&options)
    return await Verifier(subject: subject, options: options).run()
  }

  static func statuses(_ results: [CheckResult]) -> [String] { results.map { "\($0.id) \($0.subject) \($0.status)" } }

  static func url(_ server: RedisServer) -> String { "unix://\(server.folder)/redis.sock?db=0" }

  @Test func aSubjectWithNothingToProveProvesNothing() async {
    #expect(await Self.run(VerificationSubject(units: [])).isEmpty)
  }

  @Test func everyResultIsReportedOnceAndReturnedInOrder() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"])
      try connection.call(["XGROUP", "CREATECONSUMER", "s", "g", "c"])
      var seen: [CheckResult] = []
      let verifier = Verifier(subject: Self.subject(Self.url(server)), options: VerificationOptions(probe: false))
      let results = await verifier.run { seen.append($0) }
      #expect(
        results.map { "\($0.id) \($0.subject) \($0.status)" } == [
          "redis.reachable unix://\(server.folder)/redis.sock?db=0 pass",
          "redis.durable unix://\(server.folder)/redis.sock?db=0 pass",
          "redis.intact unix://\(server.folder)/redis.sock?db=0 pass", "stream.exists s pass", "group.exists g pass",
          "group.exists h fail", "group.consumers g pass", "group.consumers h skip", "group.pending g pass",
          "group.pending h skip", "group.lag g pass", "group.lag h skip", "stream.intact g pass",
          "stream.intact h skip", "group.orphans s pass", "dedup.skipped router.service skip",
          "dedup.control router.service skip",
        ])
      #expect(Set(seen) == Set(results) && seen.count == results.count)
      #expect(results.allSatisfy { $0.seconds > 0 && !$0.detail.isEmpty })
    }
  }

  @Test func aRedisThatIsDownIsOneFailureAndTheRestIsSkipped() async throws {
    let results = await Self.run(Self.subject("redis://127.0.0.1:\(try Listener.closedPort())/0"))
    #expect(results.failures.map(\.id) == ["redis.reachable"])
    #expect(results.count == 17)
    let skipped = results.filter { $0.status == .skip }
    #expect(skipped.count == 16)
    #expect(skipped.allSatisfy { $0.detail.contains("because Redis is not reachable") })
  }

  @Test func aRedisThatNeverAnswersIsOneFailureInBoundedTime() async throws {
    try await Listener.silent { listener in
      let start = ContinuousClock.now
      let results = await Self.run(Self.subject("redis://127.0.0.1:\(listener.port)/0")) {
        $0.patience = .milliseconds(200)
        $0.probe = true
      }
      #expect(start.duration(to: .now) < .seconds(3))
      #expect(results.failures.map(\.id) == ["redis.reachable"])
      #expect(results.failures.first?.detail.contains("did not answer") == true, "\(results.failures)")
    }
  }

  @Test(arguments: ["http://127.0.0.1", "redis://:secret@h:99999999/0", ""])
  func anAddressThatIsNotUnderstoodIsOneFailureWithoutItsPassword(address: String) async {
    let results = await Self.run(Self.subject(address))
    #expect(results.failures.map(\.id) == ["redis.reachable"])
    #expect(!"\(results)".contains("secret"))
  }

  @Test func streamsWithoutARedisFail() async {
    #expect(await Self.run(Self.subject(nil)).failures.map(\.id) == ["redis.reachable"])
  }

  @Test func aFailureEndsTheWindowEarly() async throws {
    let window = Window(length: .seconds(60))
    let start = ContinuousClock.now
    async let waiting: Void = window.sleepToEnd()
    window.end(because: "files.match of /x failed")
    window.end(because: "a later reason")
    await waiting
    #expect(start.duration(to: .now) < .seconds(2))
    #expect(window.isOver && window.endedBecause == "files.match of /x failed")
  }

  @Test func aWindowLastsAsLongAsItIs() async {
    let window = Window(length: .milliseconds(80))
    #expect(!window.isOver)
    await window.sleepToEnd()
    #expect(window.isOver && window.endedBecause == nil && window.elapsed >= .milliseconds(80))
  }

  @Test func aUnitThatCannotBeLookedAtOrIsNotThereFails() async {
    var subject = VerificationSubject(units: ["qtctl-no-such-unit.service"])
    subject.verify.stable = .seconds(60)
    subject.files = [ExpectedFile(target: "/nonexistent/x", unit: "qtctl-no-such-unit.service", state: .absent)]
    let results = await Self.run(subject)
    #expect(
      Self.statuses(results) == [
        "unit.active qtctl-no-such-unit.service fail", "unit.stable qtctl-no-such-unit.service skip",
        "unit.current qtctl-no-such-unit.service skip", "files.match /nonexistent/x pass",
      ])
  }
}
