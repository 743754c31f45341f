import Deployment
import FoundationEssentials
import Redis
import TestSupport
import Testing

@testable import Verification

/// What was already wrong warns, and fails only when it has become worse.
@Suite struct BaselineTests {
  static let silence = Duration.seconds(90)

  static func before(
    delivered: UInt64 = 10, pending: Int = 0, waiting: Int = 0, held: [String: Int] = [:], lost: Int = 0, gone: Int = 0
  ) -> Baseline.Group {
    Baseline.Group(
      lastDelivered: EntryID(milliseconds: delivered, sequence: 0), pending: pending, waiting: waiting, held: held,
      lost: lost, gone: gone)
  }

  static func holding(_ pending: Int, idle: Int = 900, delivered: UInt64 = 10) -> GroupView {
    GroupCheckTests.group(
      pending: pending, delivered: delivered,
      consumers: [GroupCheckTests.consumer("old", pending: pending, idle: idle)])
  }

  static let forgotten: GroupView = {
    var group = holding(1, idle: 1, delivered: 20)
    group.longestPending = PendingView(
      id: EntryID(milliseconds: 7, sequence: 0), consumer: "old", idle: .seconds(3600))
    return group
  }()

  @Test(
    arguments: [
      (holding(1709), nil, CheckResult.Status.fail, "old holds 1709"),
      (holding(1709), before(held: ["old": 1709]), .warn, "it was the same before"),
      (holding(1700), before(held: ["old": 1709]), .warn, "it was the same before"),
      (holding(1710), before(held: ["old": 1709]), .fail, "old holds 1710"),
      (holding(3), before(held: ["other": 9]), .fail, "old holds 3"),
      (forgotten, nil, .fail, "entry 7-0 was delivered to old 60 min ago"),
      (forgotten, before(delivered: 10), .warn, "it was the same before"),
      (forgotten, before(delivered: 6), .fail, "entry 7-0"),
      (holding(150, idle: 1), before(pending: 160), .warn, "found 150"),
      (holding(161, idle: 1), before(pending: 160), .fail, "found 161"),
    ] as [(GroupView, Baseline.Group?, CheckResult.Status, String)])
  func pendingThatWasThereBeforeWarns(
    group: GroupView, before: Baseline.Group?, status: CheckResult.Status, words: String
  ) {
    let result = GroupPending.judge(GroupCheckTests.wanted, GroupCheckTests.seen(group, before: before))
    #expect(result.status == status && result.detail.contains(words), "\(result)")
  }

  @Test(
    arguments: [
      (5000, before(waiting: 9000), CheckResult.Status.warn), (5000, before(waiting: 5000), .fail),
      (5000, before(waiting: 800), .fail), (5000, nil, .fail), (1000, nil, .pass),
    ] as [(Int, Baseline.Group?, CheckResult.Status)])
  func whatPiledUpBeforeMayStillBeWorkedOff(waiting: Int, before: Baseline.Group?, status: CheckResult.Status) {
    let group = GroupCheckTests.group(lag: waiting, waiting: .exactly(waiting))
    let seen = GroupCheckTests.seen(group, length: 10_000, before: before)
    #expect(GroupLag.judge(GroupCheckTests.wanted, seen).status == status)
  }

  @Test func entriesLostBeforeWarnAndMoreFail() {
    // 20 were added, 10 given, 4 are still there: 6 are lost.
    let stream = StreamView(
      length: 4, lastGenerated: EntryID(milliseconds: 20, sequence: 0), maxDeleted: .zero, added: 20,
      first: EntryID(milliseconds: 17, sequence: 0))
    let group = GroupCheckTests.group(lag: 10, waiting: .exactly(4))
    func status(_ lost: Int?) -> CheckResult.Status {
      let seen = GroupCheckTests.seen(group, on: stream, before: lost.map { Self.before(lost: $0) })
      return StreamIntact.judge(GroupCheckTests.wanted, seen).status
    }
    #expect([status(nil), status(6), status(7), status(5)] == [.fail, .warn, .warn, .fail])
  }

  @Test func aGroupLeftBehindBeforeWarnsUntilItHoldsMore() {
    let stream = GroupCheckTests.view(
      GroupCheckTests.group(), GroupCheckTests.group("v1", pending: 12, consumers: []))
    func status(_ before: [String: Int]?) -> CheckResult.Status {
      GroupOrphans.judge("s", .init(stream: stream, named: ["g"], silence: Self.silence, before: before)).status
    }
    #expect([status(nil), status([:]), status(["v1": 12]), status(["v1": 11])] == [.fail, .fail, .warn, .fail])
  }

  @Test func aBaselineIsWhatRedisShowsAndComesBackFromJSON() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try RedisLookTests.fill(connection, 9, read: 5, acknowledge: false)
      try connection.call(["XGROUP", "CREATE", RedisLookTests.stream, "other", "0"])
      try connection.call([
        "XREADGROUP", "GROUP", "other", "x", "COUNT", "2", "STREAMS", RedisLookTests.stream, ">",
      ])
      try connection.call(["XADD", "dead", "7-1", "reason", "r"])
      var verify = Manifest.Verify()
      verify.groups = [RedisLookTests.wanted]
      verify.deadLetters = ["dead", "none"]
      let baseline = try #require(Baseline.look(verify, at: VerifierTests.url(server)))
      let group = try #require(baseline.group(RedisLookTests.wanted))
      #expect(group == Self.before(delivered: 5, pending: 5, waiting: 4, held: ["c": 5]))
      #expect(baseline.streams[RedisLookTests.stream]?.others == ["other": 2])
      #expect(baseline.deadLetters["dead"]?.last == EntryID(milliseconds: 7, sequence: 1))
      #expect(baseline.deadLetters["none"]?.last == .zero)
      #expect(try JSONDecoder().decode(Baseline.self, from: JSONEncoder().encode(baseline)) == baseline)
    }
  }

  @Test func withoutARedisThereIsNoBaseline() throws {
    var verify = Manifest.Verify()
    verify.deadLetters = ["dead"]
    #expect(Baseline.look(verify, at: "redis://127.0.0.1:\(try Listener.closedPort())/0") == nil)
    #expect(Baseline.look(verify, at: nil) == nil)
  }
}
