import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SettleOnceTests {
  private func settler(_ bus: TestBus) throws -> SettleOnce {
    SettleOnce(
      from: bus.group, to: bus.target.name, deadLetters: bus.dead.name,
      fence: try Fence.take("epoch", on: bus.connection))
  }

  private func settle(
    _ settler: SettleOnce, _ id: String, _ owner: String, _ terminal: String, _ bus: TestBus
  ) throws -> SettleOnce.Settlement {
    try settler.settle(
      .init(
        id, state: "state:\(owner)", terminal: terminal,
        result: [Field("payload", terminal), Field("trace_id", owner)]), on: bus.connection)
  }

  @Test func anOrderIsClaimedOnceThenResumedByItsOwnerAndSkippedByItsTwin() throws {
    try TestBus.with { bus in
      let settler = try settler(bus)
      func claim(_ owner: String) throws -> SettleOnce.Claim {
        try settler.claim(.init("order", state: "state:\(owner)", owner: owner), on: bus.connection)
      }
      guard case .fresh(let until) = try claim("a") else {
        Issue.record("not fresh")
        return
      }
      #expect(try claim("a") == .resumed(earlier: until, order: nil))
      #expect(try claim("b") == .twin(of: "a"))
      #expect(try bus.connection.call(["GET", "order"]) == .text("a"))
      #expect(try bus.connection.call(["EXISTS", "state:b"]) == .integer(0))
      let lifetime = try #require(try bus.connection.call(["TTL", "order"]).integer)
      #expect((86390...86400).contains(lifetime))
    }
  }

  @Test func anotherNameOfTheSameEffectIsTheSameEffect() throws {
    try TestBus.with { bus in
      let settler = try settler(bus)
      func claim(_ owner: String, _ key: String, alias: String, lookalike: String, order: String) throws
        -> SettleOnce.Claim
      {
        try settler.claim(
          .init(key, alias: alias, lookalike: lookalike, state: "state:\(owner)", owner: owner, order: order),
          on: bus.connection)
      }
      guard case .fresh(let until) = try claim("a", "key-a", alias: "alias", lookalike: "number", order: "BUY 5") else {
        Issue.record("not fresh")
        return
      }
      #expect(try claim("b", "key-b", alias: "alias", lookalike: "number", order: "SELL 9") == .twin(of: "a"))
      // What may only look like it has to ask for the same.
      #expect(try claim("c", "key-c", alias: "number", lookalike: "alias", order: "BUY 5") == .twin(of: "a"))
      guard case .fresh = try claim("d", "key-d", alias: "number", lookalike: "alias", order: "BUY 6") else {
        Issue.record("a twin of something else")
        return
      }
      #expect(
        try claim("a", "key-a", alias: "alias", lookalike: "number", order: "BUY 7")
          == .resumed(earlier: until, order: "BUY 5"))
    }
  }

  @Test func aHolderOfTheServicesBeforeIsNobodysOwn() throws {
    try TestBus.with { bus in
      let settler = try settler(bus)
      try bus.connection.call(["SET", "order", "1"])
      for owner in ["a", "1"] {
        let claim = try settler.claim(.init("order", state: "state:\(owner)", owner: owner), on: bus.connection)
        #expect(claim == .twin(of: "1"))
        let lookalike = try settler.claim(
          .init("key", lookalike: "order", state: "state:\(owner)", owner: owner, order: "BUY 5"), on: bus.connection)
        #expect(lookalike == .twin(of: "1"))
      }
    }
  }

  @Test func aWindowIsOpenedByTheFirstClaimAndThenOnlyOnRequest() throws {
    try TestBus.with { bus in
      let settler = SettleOnce(
        from: bus.group, to: bus.target.name, deadLetters: bus.dead.name,
        fence: try Fence.take("epoch", on: bus.connection), window: .milliseconds(50))
      func claim() throws -> SettleOnce.Claim {
        try settler.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection)
      }
      guard case .fresh(let first) = try claim() else {
        Issue.record("not fresh")
        return
      }
      // Also when it has passed: asking does not keep it open.
      let end = ContinuousClock.now + .milliseconds(100)
      while ContinuousClock.now < end { #expect(try claim() == .resumed(earlier: first, order: nil)) }
      let second = try settler.reopen("state:a", on: bus.connection)
      #expect(second >= Deadline(milliseconds: first.milliseconds + 50))
      #expect(try claim() == .resumed(earlier: second, order: nil))
      _ = try Fence.take("epoch", on: bus.connection)
      let error = #expect(throws: RedisError.self) { try settler.reopen("state:a", on: bus.connection) }
      #expect(error?.isStaleEpoch == true)
    }
  }

  @Test func aStateIsStoredOnceWithOneResultAndTheEntryAcknowledged() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      let settler = try settler(bus)
      _ = try settler.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection)
      let settlement = try settle(settler, ids[0], "a", "FILLED", bus)
      let results = try bus.entries(bus.target)
      #expect(results.map(\.fields) == [[Field("payload", "FILLED"), Field("trace_id", "a")]])
      #expect(settlement == .settled(resultID: results[0].id))
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aSettledStateKeepsWhatARepetitionIsHeldAgainstAndNoMore() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      let settler = try settler(bus)
      _ = try settler.claim(.init("order", state: "state:a", owner: "a", order: "BUY 5"), on: bus.connection)
      // As an earlier version left it.
      try bus.connection.call(["HSET", "state:a", "claimed_at", "1795687022.774806"])
      guard case .settled(let resultID) = try settle(settler, ids[0], "a", "FILLED", bus) else {
        Issue.record("not settled")
        return
      }
      let fields = try bus.connection.call(["HGETALL", "state:a"]).array?.compactMap(\.string) ?? []
      #expect(Set(fields) == ["terminal", "FILLED", "result_id", resultID, "order", "BUY 5"])
      let claim = try settler.claim(.init("order", state: "state:a", owner: "a", order: "BUY 5"), on: bus.connection)
      #expect(claim == .settled(SettleOnce.State(terminal: "FILLED", resultID: resultID, order: "BUY 5")))
      #expect(try settler.claim(.init("order", state: "state:b", owner: "b"), on: bus.connection) == .twin(of: "a"))
    }
  }

  @Test func aRedeliveryAfterTheSettlementFindsTheFirstStateAndChangesNothing() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      let settler = try settler(bus)
      guard case .settled(let resultID) = try settle(settler, ids[0], "a", "FILLED", bus) else {
        Issue.record("not settled")
        return
      }
      try bus.connection.call(["XGROUP", "SETID", "source", "workers", "0"])
      try bus.deliver(to: "me")
      let claim = try settler.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection)
      guard case .settled(let state) = claim else {
        Issue.record("got \(claim)")
        return
      }
      #expect(state.terminal == "FILLED")
      #expect(state.resultID == resultID)
      #expect(try settle(settler, ids[0], "a", "FAILED", bus) == .already(state))
      #expect(try bus.entries(bus.target).count == 1)
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func theStateOutlivesTheClaimSoThatALateRedeliveryIsStillResumed() throws {
    try TestBus.with { bus in
      let settler = try settler(bus)
      _ = try settler.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection)
      try bus.connection.call(["DEL", "order"])  // as if its day were over
      let again = try settler.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection)
      #expect(again.isResumed)
      let lifetime = try #require(try bus.connection.call(["TTL", "state:a"]).integer)
      #expect(lifetime > 8 * 86400)
    }
  }

  @Test func anOverdueProcessCanNeitherClaimNorSettle() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      let old = try settler(bus)
      #expect(try !old.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection).isResumed)
      let new = try settler(bus)
      let claim = #expect(throws: RedisError.self) {
        try old.claim(.init("other", state: "state:b", owner: "b"), on: bus.connection)
      }
      let settling = #expect(throws: RedisError.self) { try settle(old, ids[0], "a", "FILLED", bus) }
      #expect(claim?.isStaleEpoch == true)
      #expect(settling?.isStaleEpoch == true)
      #expect(try bus.entries(bus.target).isEmpty)
      #expect(try bus.pending.count == 1)
      #expect(try bus.connection.call(["EXISTS", "other", "state:b"]) == .integer(0))
      #expect(try new.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection).isResumed)
    }
  }

  @Test func aFullMemoryRefusesTheClaimWhole() throws {
    try TestBus.with { bus in
      let settler = try settler(bus)
      _ = try settler.claim(.init("warm", state: "state:w", owner: "w"), on: bus.connection)
      try bus.connection.call(["CONFIG", "SET", "maxmemory", "1"])
      let error = #expect(throws: RedisError.self) {
        try settler.claim(.init("order", state: "state:a", owner: "a"), on: bus.connection)
      }
      #expect(error?.serverError?.code == "OOM")
      #expect(error?.isCondition == true)
      #expect(try bus.connection.call(["EXISTS", "order", "state:a"]) == .integer(0))
    }
  }

  @Test(arguments: ["state:a", "target"])
  func aKeyOfTheWrongTypeLeavesNothingHalfDone(key: String) throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      let settler = try settler(bus)
      try bus.connection.call(["SET", key, "wrong"])
      #expect(throws: RedisError.self) { try settle(settler, ids[0], "a", "FILLED", bus) }
      #expect(try bus.connection.call(["EXISTS", "state:a", "target"]) == .integer(1))
      #expect(try bus.pending.count == 1)
    }
  }
}

extension SettleOnce.Claim {
  fileprivate var isResumed: Bool {
    if case .resumed = self { true } else { false }
  }
}
