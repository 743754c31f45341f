import Basics
import Deployment
import Redis
import TestSupport
import Testing

@testable import Verification

/// What the script sees in a real Redis, and what becomes of it.
@Suite struct RedisLookTests {
  static let stream = "quantum:stream:trade.intent"
  static let wanted = Manifest.ConsumerGroup(stream: stream, group: "g")

  static func look(_ server: RedisServer, _ groups: [Manifest.ConsumerGroup] = [wanted]) throws -> RedisView {
    try RedisView.look(at: server.endpoint, groups: groups, patience: .seconds(5)).get()
  }

  static func streamView(_ server: RedisServer) throws -> StreamView {
    guard case .success(.stream(let view))? = try look(server).keys[stream] else { throw ProbeError("no stream") }
    return view
  }

  /// Entries 1-0 to `count`-0, of which the group has been given `read`.
  static func fill(_ connection: Connection, _ count: Int, read: Int, acknowledge: Bool = true) throws {
    _ = try connection.pipeline((1...count).map { ["XADD", stream, "\($0)-0", "a", "b"] })
    try connection.call(["XGROUP", "CREATE", stream, "g", "0"])
    guard read > 0 else { return }
    try connection.call(["XREADGROUP", "GROUP", "g", "c", "COUNT", "\(read)", "STREAMS", stream, ">"])
    if acknowledge { _ = try connection.pipeline((1...read).map { ["XACK", stream, "g", "\($0)-0"] }) }
  }

  static func intact(_ server: RedisServer) throws -> CheckResult {
    let view = try streamView(server)
    return StreamIntact.judge(wanted, GroupObservation(try #require(view.group("g")), on: view))
  }

  @Test func aStreamTrimmedBeforeDeliveryFailsWithTheCount() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 10, read: 3)
      try connection.call(["XTRIM", Self.stream, "MINID", "4"])
      #expect(try Self.intact(server).status == .pass)
      try connection.call(["XTRIM", Self.stream, "MINID", "8"])
      let result = try Self.intact(server)
      #expect(result.status == .fail)
      #expect(result.evidence["lost"] == 4, "\(result)")
      #expect(result.detail.hasPrefix("4 entries"))
      // It does not heal by reading on: the orders stay lost.
      try connection.call(["XREADGROUP", "GROUP", "g", "c", "STREAMS", Self.stream, ">"])
      #expect(try Self.intact(server).evidence["lost"] == 4)
      // The advice that it gives is right.
      let advice = try #require(try Self.intact(server).detail.split(separator: ": ").last)
      try connection.call(Command(advice.split(separator: " ").map(String.init)))
      #expect(try Self.intact(server).status == .pass)
    }
  }

  @Test func entriesTrimmedWhilePendingFailWithTheirCount() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 10, read: 5, acknowledge: false)
      #expect(try Self.intact(server).status == .pass)
      try connection.call(["XTRIM", Self.stream, "MINID", "4"])
      let result = try Self.intact(server)
      #expect(result.status == .fail)
      #expect(result.evidence["pending_gone"] == 3, "\(result)")
    }
  }

  @Test func anEntryDeletedByHandMakesTheLagUnknownAndIsNotTakenForATrim() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 10, read: 3)
      try connection.call(["XDEL", Self.stream, "6-0"])
      let view = try Self.streamView(server)
      let group = try #require(view.group("g"))
      #expect(group.lag == nil)
      #expect(group.waiting == .exactly(6))
      #expect(GroupLag.judge(Self.wanted, GroupObservation(group, on: view)).status == .pass)
      #expect(StreamIntact.judge(Self.wanted, GroupObservation(group, on: view)).status == .warn)
    }
  }

  @Test func aStreamThatMovesGivesNoFalseAlarm() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 1, read: 0)
      let endpoint = server.endpoint
      let writer = Task.detached {
        await BlockingThread.run {
          Result {
            let connection = try Connection(to: endpoint)
            for _ in 0..<300 {
              _ = try connection.pipeline(
                (0..<10).map { _ in ["XADD", Self.stream, "*", "a", "b"] }
                  + [["XREADGROUP", "GROUP", "g", "c", "NOACK", "STREAMS", Self.stream, ">"]]
                  + [["XTRIM", Self.stream, "MAXLEN", "3"]])
            }
          }
        }
      }
      for _ in 0..<100 {
        let result = try Self.intact(server)
        #expect(result.status == .pass, "\(result)")
        await Task.yield()
      }
      try await writer.value.get()
    }
  }

  @Test func aConsumerThatOnlyEverWaitedIsAlive() async throws {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["XGROUP", "CREATE", Self.stream, "g", "0", "MKSTREAM"])
      let endpoint = server.endpoint
      let stop = StopSignal()
      let reader = Task.detached {
        await BlockingThread.run {
          _ = try? Connection(to: endpoint).call(
            ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", Self.stream, ">"], timeout: .seconds(30),
            stop: stop)
        }
      }
      func result() throws -> CheckResult {
        let readers = try Self.look(server).readers
        let group = try #require(try Self.streamView(server).group("g"))
        return GroupConsumers.judge(Self.wanted, GroupCheckTests.seen(group, readers: readers))
      }
      let deadline = ContinuousClock.now + .seconds(10)
      while try result().status != .pass, ContinuousClock.now < deadline { await Task.yield() }
      #expect(try result().status == .pass)
      stop.raise()
      await reader.value
      while try result().status == .pass, ContinuousClock.now < deadline { await Task.yield() }
      #expect(try result().status == .fail)
    }
  }

  @Test func pendingOfADeadConsumerFailsWithItsNameAndCount() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 20, read: 17, acknowledge: false)
      let view = try Self.streamView(server)
      let group = try #require(view.group("g"))
      #expect(GroupPending.judge(Self.wanted, GroupCheckTests.seen(group)).status == .pass)
      let result = GroupPending.judge(Self.wanted, GroupCheckTests.seen(group, silence: .zero - .milliseconds(1)))
      #expect(result.status == .fail)
      #expect(result.detail.contains("c holds 17"))
    }
  }

  @Test func anUnnamedGroupWithPendingEntriesIsFoundToBeAnOrphan() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 10, read: 10)
      try connection.call(["XGROUP", "CREATE", Self.stream, "old", "0"])
      var result = GroupOrphans.judge(
        Self.stream, .init(stream: try Self.streamView(server), named: ["g"], silence: .seconds(90)))
      #expect(result.status == .warn)
      try connection.call(["XREADGROUP", "GROUP", "old", "x", "COUNT", "4", "STREAMS", Self.stream, ">"])
      result = GroupOrphans.judge(
        Self.stream, .init(stream: try Self.streamView(server), named: ["g"], silence: .zero - .seconds(1)))
      #expect(result.status == .fail)
      #expect(result.detail.contains("old (4)"))
    }
  }

  @Test func tenThousandGroupsAreLookedAtInBoundedTime() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Self.fill(connection, 10, read: 10)
      _ = try connection.pipeline((0..<10_000).map { ["XGROUP", "CREATE", Self.stream, "other-\($0)", "0"] })
      let start = ContinuousClock.now
      let view = try Self.streamView(server)
      #expect(start.duration(to: .now) < .seconds(3))
      #expect(view.groups.count == 10_001)
      #expect(view.group("g")?.pending == 0)
    }
  }

  @Test func aWrongTypeAndAMissingKeyAreTold() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["HSET", Self.stream, "a", "b"])
      let other = Manifest.ConsumerGroup(stream: "none", group: "g")
      let view = try Self.look(server, [Self.wanted, other])
      #expect(view.keys[Self.stream] == .success(.other("hash")))
      #expect(view.keys["none"] == .success(KeyView.none))
    }
  }

  @Test(
    arguments: [
      (true, [], CheckResult.Status.pass), (false, [], .fail),
      (true, ["maxmemory 100mb", "maxmemory-policy allkeys-lru"], .fail), (true, ["maxmemory 100mb"], .pass),
      (true, ["appendfsync no"], .warn),
    ] as [(Bool, [String], CheckResult.Status)])
  func aServerThatKeepsItsDataIsDurable(appendOnly: Bool, lines: [String], status: CheckResult.Status) throws {
    try RedisServer.with(.init(appendOnly: appendOnly, configuration: lines)) { server in
      let result = RedisDurable.judge("r", try Self.look(server).server)
      #expect(result.status == status, "\(result)")
    }
  }

  @Test func aPasswordThatIsMissingOrWrongIsSaidPlainly() throws {
    try RedisServer.with(.init(password: "secret-of-the-test")) { server in
      #expect(throws: Never.self) { try Self.look(server) }
      var endpoint = server.endpoint
      endpoint.password = nil
      let missing = RedisView.look(at: endpoint, groups: [], patience: .seconds(5))
      #expect(throws: ProbeError("it requires a password; add it to redis: in the manifest or to QTCTL_REDIS")) {
        try missing.get()
      }
      endpoint.password = "guessed"
      let wrong = RedisView.look(at: endpoint, groups: [], patience: .seconds(5))
      #expect("\(wrong)".contains("refuses the user or password"))
      #expect(!"\(wrong)".contains("guessed"))
    }
  }

  @Test func aUserWhoMayNotLookIsSaidPlainly() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["ACL", "SETUSER", "weak", "on", ">pw", "~*", "+ping", "+info"])
      var endpoint = server.endpoint
      endpoint.user = "weak"
      endpoint.password = "pw"
      let view = try RedisView.look(at: endpoint, groups: [Self.wanted], patience: .seconds(5)).get()
      guard case .failure(let error)? = view.keys[Self.stream] else { throw ProbeError("it was seen") }
      #expect(error.description.contains("the user lacks permission"))
      #expect(view.server.appendfsync == nil)
    }
  }

  @Test func aServerThatIsLoadingIsSaidToBe() async throws {
    // A command takes 300 microseconds to load, and Redis answers its clients after each 1,024 of them.
    try await RedisServer.with(.init(configuration: ["key-load-delay 300"])) { server in
      _ = try server.connect().pipeline((0..<12_000).map { ["SET", "key-\($0)", "x"] })
      server.kill()
      let endpoint = server.endpoint
      let looking = Task.detached {
        await BlockingThread.run {
          let deadline = ContinuousClock.now + .seconds(20)
          while ContinuousClock.now < deadline {
            let seen = RedisView.look(at: endpoint, groups: [], patience: .seconds(5))
            if case .failure(let error) = seen, error.description.contains("loading") { return error.description }
          }
          return "never seen"
        }
      }
      try server.start()
      #expect(await looking.value.contains("it is still loading its data from disk; wait, then verify again"))
    }
  }
}
