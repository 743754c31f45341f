import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// What execution asks the exchange about, after each kind of loss and each kind of start.
@Suite(.timeLimit(.minutes(2))) struct DataLossGuardTests {
  private let log = LogRecorder()

  @Test func onANewRedisWithANewRecordOnlyOlderIntentsAreAskedAbout() async throws {
    try await withServer { folder, connection in
      let guarded = try make(folder)
      _ = try guarded.prepare(on: connection)
      let now = try guarded.clock.now(on: connection)
      #expect(guarded.quiet(at: now) == nil)
      #expect(guarded.alarm == nil)
      let doubts = try guarded.cover([order(1, now), order(2, now - 3_600_000), order(3, nil)], at: now)
      #expect(doubts.map(\.isAsked) == [false, true, true])
      // Begun now: asked about from here on.
      #expect(try guarded.cover([order(1, now)], at: now).map(\.isAsked) == [true])
    }
  }

  @Test func aStandByWithoutARecordAsksAboutEveryOrderForADay() async throws {
    try await withServer { folder, connection in
      _ = try make(folder).prepare(on: connection)
      try await TemporaryFolder.with { other in
        let standBy = try make(other)
        _ = try standBy.prepare(on: connection)
        let now = try standBy.clock.now(on: connection)
        #expect(standBy.quiet(at: now) != nil)
        #expect(standBy.quiet(at: now + 200) == nil)
        #expect(standBy.alarm == nil)
        #expect(try standBy.cover([order(1, now)], at: now).map(\.isAsked) == [true])
        #expect(try standBy.cover([order(2, now)], at: now + 23 * 3_600_000).map(\.isAsked) == [true])
        #expect(try standBy.cover([order(3, now)], at: now + 25 * 3_600_000).map(\.isAsked) == [false])
      }
      // The first does not know what the other one has begun.
      let again = try make(folder)
      _ = try again.prepare(on: connection)
      let now = try again.clock.now(on: connection)
      #expect(try again.cover([order(4, now)], at: now).map(\.isAsked) == [true])
    }
  }

  @Test func aRestartOfEitherSideThatLostNothingRaisesNothing() async throws {
    try await TemporaryFolder.with { folder in
      try RedisServer.with { server in
        let first = try make(folder)
        let fence = try first.prepare(on: try server.connect())
        let now = try first.clock.now(on: try server.connect())
        _ = try first.cover([order(1, now)], at: now)
        server.kill()
        try server.start()
        let connection = try server.connect()
        #expect(try first.prepare(on: connection) == fence)
        #expect(first.quiet(at: now) == nil)
        let second = try make(folder)
        #expect(try second.prepare(on: connection).epoch > fence.epoch)
        #expect(second.quiet(at: now) == nil)
        #expect(try second.cover([order(1, now), order(2, now)], at: now).map(\.isAsked) == [true, false])
        #expect(log.lines("REDIS LOST WRITES").isEmpty)
        #expect(try notice.open(on: connection) == [])
      }
    }
  }

  @Test func aLossAsksAboutWhatTheRecordNamesAndIsSaidUntilItIsAccepted() async throws {
    try await withServer { folder, connection in
      let guarded = try make(folder)
      let fence = try guarded.prepare(on: connection)
      let now = try guarded.clock.now(on: connection)
      _ = try guarded.cover([order(1, now)], at: now)
      try connection.call(["FLUSHALL"])
      #expect(try guarded.isLost(on: connection))

      let later = try guarded.prepare(on: connection)
      #expect(later.epoch > fence.epoch)
      #expect(guarded.quiet(at: now) != nil)
      #expect(guarded.quiet(at: now + 2000) == nil)
      #expect(try guarded.cover([order(1, now), order(2, now)], at: now).map(\.isAsked) == [true, false])
      let loss = try #require(try notice.open(on: connection).first)
      #expect(loss.text.contains("is gone; its epoch is 0, and \(fence.epoch) had been taken"))
      #expect(guarded.alarm == "Redis lost writes: \(loss.text)")
      #expect(log.lines("REDIS LOST WRITES: ").count == 1)

      // Once, and not again; but it is still open for the next process, also where Redis lost the notice.
      try connection.call(["DEL", Names.Key.dataLoss])
      let next = try make(folder)
      _ = try next.prepare(on: connection)
      #expect(log.lines("REDIS LOST WRITES: ").count == 1)
      #expect(next.alarm != nil)
      #expect(try notice.open(on: connection) == [loss])
      try connection.call(["SET", Names.Key.dataLossAccepted, String(loss.id)])
      _ = try next.prepare(on: connection)
      #expect(next.alarm == nil)
      #expect(try notice.open(on: connection) == [])
    }
  }

  @Test func aStartOnARedisThatWentBackAsksAboutEveryIntentThatIsOlder() async throws {
    try await withServer { folder, connection in
      let first = try make(folder)
      _ = try first.prepare(on: connection)
      first.settled("9999999999999-0", stateKey: "quantum:order:x")
      let now = try first.clock.now(on: connection)
      _ = try first.cover([order(1, now)], at: now)
      let second = try make(folder)
      _ = try second.prepare(on: connection)
      let later = try second.clock.now(on: connection)
      #expect(second.alarm?.contains("had come to 9999999999999-0") == true)
      // Another process may have begun it meanwhile, which Redis does not show any more.
      #expect(try second.cover([order(2, now - 1), order(3, later + 1)], at: later).map(\.isAsked) == [true, false])
    }
  }

  @Test func theTwinsThatTheRecordNamesAreAskedAboutButNotThoseOfTheSameBatch() async throws {
    try await withServer { folder, connection in
      let guarded = try make(folder)
      _ = try guarded.prepare(on: connection)
      let now = try guarded.clock.now(on: connection)
      let first = try guarded.cover([order(1, now, effect: 5), order(2, now, effect: 5)], at: now)
      #expect(first == [Doubt(), Doubt()])
      try connection.call(["FLUSHALL"])
      _ = try guarded.prepare(on: connection)
      let doubts = try guarded.cover(
        [order(3, now, effect: 5), order(4, now, effect: 6), order(1, now, effect: 5)], at: now)
      #expect(doubts.map(\.isAsked) == [false, false, true])
      #expect(doubts.map { $0.twins?.ids ?? [] } == [[id(1), id(2)], [], [id(2)]])
    }
  }

  @Test func anOrderThatWasBegunButNotSentWaitsForNoneThatWasSentSince() async throws {
    try await withServer { folder, connection in
      let guarded = try make(folder)
      _ = try guarded.prepare(on: connection)
      let now = try guarded.clock.now(on: connection)
      _ = try guarded.cover([order(1, now), order(2, now)], at: now)
      let far = Deadline(milliseconds: now + 60_000)
      guarded.willSend(id(1), before: far)
      let doubts = try guarded.cover([order(1, now), order(2, now)], at: now)
      #expect(doubts[0].own == far)
      #expect(try #require(doubts[1].own) < far)
      guarded.ended(id(1))
      #expect(try guarded.cover([order(1, now)], at: now)[0].own == doubts[1].own)
    }
  }

  @Test func aTerminalStateThatIsGoneIsALossAlsoWhenOthersWroteSince() async throws {
    try await withServer { folder, connection in
      let first = try make(folder)
      _ = try first.prepare(on: connection)
      let result = try Stream(Names.Stream.results).publish([Field("a", "b")], on: connection)
      try connection.call(["HSET", "quantum:order:x", "terminal", "filled"])
      first.settled(result, stateKey: "quantum:order:x")
      _ = try first.prepare(on: connection)
      #expect(first.alarm == nil)
      try connection.call(["DEL", "quantum:order:x"])
      _ = try first.prepare(on: connection)
      #expect(first.alarm?.contains("'quantum:order:x'") == true)
    }
  }

  @Test func aMemoryThatCannotBeReadIsNotTakenForNone() throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let guarded = DataLossGuard(
        .init(folder: "/proc/self/environ", window: .seconds(1), intentAge: .seconds(1), claimIdle: .seconds(1)),
        logger: log.logger())
      #expect(throws: StateFileError.self) { try guarded.prepare(on: try server.connect()) }
    }
  }

  @Test func whatEarlierVersionsRememberedIsReadAndAnyLineOfLaterOnesPassedOver() {
    let memory = RedisMemory("epoch 7\nrun_id r\nhistory h 12\nlast s 1-2\nloss 5 two words\nfuture x y\nepoch")
    #expect(
      memory.marker == DataLossMarker(runID: "r", replicationID: "h", offset: 12, epoch: 7, lastIDs: ["s": "1-2"]))
    #expect(memory.loss == .init(id: 5, text: "two words"))
    #expect(RedisMemory(memory.text) == memory)
  }

  private let notice = DataLossNotice(key: Names.Key.dataLoss, acceptedKey: Names.Key.dataLossAccepted)

  private func make(_ folder: TemporaryFolder) throws -> DataLossGuard {
    DataLossGuard(
      .init(folder: folder.path, window: .milliseconds(100), intentAge: .seconds(300), claimIdle: .seconds(60)),
      logger: log.logger())
  }

  private func id(_ number: Int) -> String {
    "qt-" + String(repeating: "0", count: 31) + String(number)
  }

  private func order(_ number: Int, _ made: Int64?, effect: UInt64? = nil) -> OrderToCover {
    OrderToCover(id: id(number), made: made, effect: effect)
  }

  private func withServer(_ body: (TemporaryFolder, Connection) async throws -> Void) async throws {
    try await TemporaryFolder.with { folder in
      try await RedisServer.with { server in try await body(folder, try server.connect()) }
    }
  }
}

extension Doubt {
  fileprivate var isAsked: Bool { own != nil }
}
