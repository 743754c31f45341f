import Deployment
import Testing

@testable import Verification

@Suite struct GroupCheckTests {
  static let stream = "quantum:stream:trade.intent"
  static let silence = Duration.seconds(90)

  static let wanted: Manifest.ConsumerGroup = {
    var wanted = Manifest.ConsumerGroup(stream: stream, group: "g")
    wanted.consumers = 1
    wanted.pending = 100
    wanted.lag = 1000
    return wanted
  }()

  static func group(
    _ name: String = "g", pending: Int = 0, delivered: UInt64 = 10, read: Int? = 10, lag: Int? = 0,
    waiting: Count = .exactly(0), consumers: [ConsumerView] = []
  ) -> GroupView {
    var group = GroupView(name: name, pending: pending, lastDelivered: EntryID(milliseconds: delivered, sequence: 0))
    group.read = read
    group.lag = lag
    group.waiting = waiting
    group.consumers = consumers
    return group
  }

  static func consumer(_ name: String = "c", pending: Int = 0, idle: Int) -> ConsumerView {
    ConsumerView(name: name, pending: pending, idle: .seconds(idle))
  }

  static func view(_ groups: GroupView..., length: Int = 10, last: UInt64 = 10) -> StreamView {
    StreamView(
      length: length, lastGenerated: EntryID(milliseconds: last, sequence: 0), maxDeleted: .zero, added: length,
      first: EntryID(milliseconds: 1, sequence: 0), groups: groups)
  }

  static func seen(
    _ group: GroupView, on stream: StreamView? = nil, length: Int = 10, readers: Int? = nil,
    silence: Duration = silence, before: Baseline.Group? = nil
  ) -> GroupObservation {
    var seen = GroupObservation(group, on: stream ?? view(group, length: length))
    seen.readers = readers
    seen.silence = silence
    seen.before = before
    return seen
  }

  @Test func theGroupIsLookedForOnItsOwnStream() {
    #expect(GroupExists.judge(Self.wanted, Self.view(Self.group())).status == .pass)
    let missing = GroupExists.judge(Self.wanted, Self.view(Self.group("other")))
    #expect(missing.status == .fail && missing.detail.contains("it has other"))
    let none = GroupExists.judge(Self.wanted, Self.view())
    #expect(none.status == .fail && none.detail.contains("it has none"))
  }

  @Test(
    arguments: [
      ([consumer(idle: 1)], 0, 0, CheckResult.Status.pass, "1 at work: c"),
      ([consumer(idle: 3600)], 0, 1, .pass, "nothing to do; 1 connected"),
      // Redis 7.0 does not know a consumer that was never given an entry.
      ([], 0, 1, .pass, "nothing to do; 1 connected"),
      ([consumer(idle: 3600)], 0, nil, .pass, "nothing to do"),
      ([consumer(idle: 3600)], 0, 0, .fail, "found 0; c silent for 60 min"),
      ([consumer(idle: 3600)], 5, 1, .fail, "found 0; c silent for 60 min"),
      ([], 0, 0, .fail, "nobody reads it"),
      ([], 0, nil, .fail, "nobody reads it"),
      ([consumer("new", idle: 11), consumer("dead", idle: 91)], 0, 0, .pass, "1 at work: new"),
    ] as [([ConsumerView], Int, Int?, CheckResult.Status, String)])
  func consumersAreCountedThatLive(
    consumers: [ConsumerView], waiting: Int, readers: Int?, status: CheckResult.Status, words: String
  ) {
    let group = Self.group(waiting: .exactly(waiting), consumers: consumers)
    let result = GroupConsumers.judge(Self.wanted, Self.seen(group, readers: readers))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test(arguments: [
    (group(), CheckResult.Status.pass, "0 pending of at most 100"),
    (group(pending: 100, consumers: [consumer(pending: 100, idle: 1)]), .pass, "100 pending"),
    (group(pending: 101, consumers: [consumer(pending: 101, idle: 1)]), .fail, "at most 100 pending, found 101"),
    (
      group(pending: 1709, consumers: [consumer("exec-4711", pending: 1709, idle: 7200)]), .fail,
      "exec-4711 holds 1709, silent for 2 h"
    ),
    (
      group(pending: 1, consumers: [consumer("exec-4711", pending: 1, idle: 91), consumer(idle: 0)]), .fail,
      "exec-4711 holds 1"
    ),
    (group(consumers: [consumer(idle: 3600)]), .pass, "0 pending"),
    (group(pending: 1, consumers: [consumer(pending: 1, idle: 80)]), .pass, "1 pending"),
  ])
  func pendingIsBoundedAndOwnedByTheLiving(group: GroupView, status: CheckResult.Status, words: String) {
    let result = GroupPending.judge(Self.wanted, Self.seen(group))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test(arguments: [
    (group(lag: 0), 10, CheckResult.Status.pass, "0 waiting of at most 1000"),
    (group(lag: 1000, waiting: .exactly(1000)), 5000, .pass, "1000 waiting"),
    (group(lag: 1001, waiting: .exactly(1001)), 5000, .fail, "found 1001"),
    (group(lag: nil, waiting: .exactly(3)), 5000, .pass, "3 waiting"),
    (group(lag: nil, waiting: .atLeast(1001)), 5000, .fail, "at least 1001 were counted"),
    (group(lag: nil, waiting: .atLeast(900)), 950, .pass, "within 1000"),
    (group(lag: 20000, waiting: .atLeast(10000)), 30000, .fail, "found 20000"),
    // What was lost does not wait: that is for stream.intact to say.
    (group(lag: 750_502, waiting: .exactly(6)), 10_006, .pass, "6 waiting"),
  ])
  func lagIsWhatReallyWaits(group: GroupView, length: Int, status: CheckResult.Status, words: String) {
    let result = GroupLag.judge(Self.wanted, Self.seen(group, length: length))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
    if group.lag == nil { #expect(result.evidence["lag"] == .null) }
  }

  @Test(arguments: [
    (view(group()), CheckResult.Status.pass, "no other group"),
    (view(group(), group("backup", consumers: [consumer(idle: 1)])), .pass, "1 other groups, none abandoned"),
    (view(group(), group("read-to-the-end")), .pass, "none abandoned"),
    (view(group(), group("tried", delivered: 2)), .warn, "nobody reads the groups tried"),
    (view(group(), group("slow", delivered: 2, consumers: [consumer(idle: 80)])), .pass, "none abandoned"),
    (view(group(), group("v1", pending: 12, consumers: [consumer(pending: 12, idle: 900)])), .fail, "v1 (12)"),
    (view(group(), group("v1", pending: 12, consumers: [consumer(pending: 12, idle: 1)])), .pass, "none abandoned"),
  ])
  func noGroupIsLeftBehindWithWork(stream: StreamView, status: CheckResult.Status, words: String) {
    let result = GroupOrphans.judge(
      Self.stream, .init(stream: stream, named: ["g"], silence: Self.silence))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func longListsAreCutShort() {
    var stream = Self.view()
    stream.groups = (0..<10_000).map { Self.group("g\($0)", delivered: 2) }
    let result = GroupOrphans.judge(Self.stream, .init(stream: stream, named: [], silence: Self.silence))
    #expect(result.detail.contains("and 9995 more") && result.detail.utf8.count < 500)
  }
}
