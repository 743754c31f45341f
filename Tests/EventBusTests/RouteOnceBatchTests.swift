import EventBus
import Redis
import TestSupport
import Testing

/// What a batch has in common is sent once, and its keys are looked for at once.
@Suite(.timeLimit(.minutes(2))) struct RouteOnceBatchTests {
  private func router(_ bus: TestBus) -> RouteOnce {
    RouteOnce(from: bus.group, to: "target", deadLetters: "dead", results: "results")
  }

  private func publish(_ count: Int, on bus: TestBus) throws -> [String] {
    let ids = try (0..<count).map { try bus.source.publish([Field("value", "\($0)")], on: bus.connection) }
    try bus.deliver(to: "me")
    return ids
  }

  @Test func entriesOfOtherNamesAndOtherNumbersOfFieldsComeOutAsTheyAre() throws {
    try TestBus.with { bus in
      let fields: [[Field]] = [
        [Field("a", "1"), Field("b", "same"), Field("c", "")],
        [Field("a", "2"), Field("b", "same"), Field("c", "")],
        [Field("a", "2"), Field("x", "same"), Field("c", "")],
        [Field("a", "3"), Field("b", "same"), Field("c", ""), Field("d", "probe")],
        [Field("b", "same"), Field("a", "1"), Field("c", "")],
        [Field("a", "4"), Field("a", "5"), Field("c", "")],
        [Field("a", ""), Field("b", "same"), Field("c", "last")],
      ]
      let ids = try publish(fields.count, on: bus)
      let items = zip(ids, fields).map { id, fields in
        RouteOnce.Item.publish(id: id, key: "key:\(id)", digest: "d", fields: fields)
      }
      let results = try router(bus).run(items, on: bus.connection)
      let entries = try bus.entries(bus.target)
      #expect(entries.map(\.fields) == fields)
      #expect(results == entries.map { .published(id: $0.id) })
    }
  }

  @Test func aBatchWhoseEntriesAreAllAlikeAndOneOfASingleEntryComeOutAsTheyAre() throws {
    try TestBus.with { bus in
      let ids = try publish(4, on: bus)
      func item(_ id: String) -> RouteOnce.Item {
        .publish(id: id, key: "key:\(id)", digest: "d", fields: [Field("a", "1"), Field("b", "2")])
      }
      _ = try router(bus).run(ids.prefix(3).map(item), on: bus.connection)
      _ = try router(bus).run([item(ids[3])], on: bus.connection)
      let fields = try bus.entries(bus.target).map(\.fields)
      #expect(fields == Array(repeating: [Field("a", "1"), Field("b", "2")], count: 4))
    }
  }

  @Test func itemsOfEveryKindInOneBatchHaveEachTheirResult() throws {
    try TestBus.with { bus in
      let ids = try publish(8, on: bus)
      let one = [Field("a", "1")]
      let items: [RouteOnce.Item] = [
        .deadLetter(id: ids[0], reason: "malformed"),
        .pass(id: ids[1], key: "k:1", digest: "d"),
        .settle(id: ids[2], key: "k:2", digest: "d", state: "s:2", terminal: "REJECTED", fields: one),
        .publish(id: ids[3], key: "k:3", digest: "d", fields: one),
        .pass(id: ids[4], key: "k:3", digest: "d"),
        // The state is there although its key is not.
        .settle(id: ids[5], key: "k:5", digest: "d", state: "s:2", terminal: "REJECTED", fields: one),
        .settle(id: ids[6], key: "k:2", digest: "d", state: "s:6", terminal: "REJECTED", fields: one),
        .publish(id: ids[7], key: "k:1", digest: "other", fields: one + one),
      ]
      let results = try router(bus).run(items, on: bus.connection)
      let published = try bus.entries(bus.target).map(\.id)
      let settled = try bus.entries(Stream("results")).map(\.id)
      #expect(published.count == 1)
      #expect(settled.count == 1)
      #expect(
        results == [
          .deadLettered, .passed, .settled(id: settled[0]), .published(id: published[0]), .duplicate(of: published[0]),
          .duplicate(of: "REJECTED"), .duplicate(of: settled[0]), .conflict(with: ids[1], digest: "d"),
        ])
      #expect(try bus.connection.call(["HGET", "s:2", "terminal"]) == .text("REJECTED"))
      #expect(try bus.connection.call(["EXISTS", "k:5", "s:6"]) == .integer(0))
      #expect(try bus.pending.count == 0)
    }
  }

  @Test(arguments: [false, true])
  func aRepetitionInsideABatchIsSeenWhetherAnyKeyWasThereOrNot(_ isKnown: Bool) throws {
    try TestBus.with { bus in
      let ids = try publish(65, on: bus)
      if isKnown { try bus.connection.call(["SET", "key:0", "9-9 d"]) }
      let items = ids.enumerated().map { index, id in
        RouteOnce.Item.publish(id: id, key: "key:\(index % 5)", digest: "d", fields: [Field("n", "\(index)")])
      }
      let results = try router(bus).run(items, on: bus.connection)
      #expect(try bus.entries(bus.target).map { $0["n"] } == (isKnown ? 1..<5 : 0..<5).map { "\($0)" })
      #expect(results.filter { if case .duplicate = $0 { true } else { false } }.count == (isKnown ? 61 : 60))
    }
  }

  @Test func aKeyOfAnotherTypeIsRefusedAndNotOverwritten() throws {
    try TestBus.with { bus in
      let ids = try publish(2, on: bus)
      try bus.connection.call(["LPUSH", "key:1", "x"])
      let items = ids.enumerated().map { index, id in
        RouteOnce.Item.publish(id: id, key: "key:\(index)", digest: "d", fields: [Field("n", "\(index)")])
      }
      let error = #expect(throws: RedisError.self) { try router(bus).run(items, on: bus.connection) }
      #expect(error?.serverError?.code == "WRONGTYPE")
      #expect(try bus.connection.call(["TYPE", "key:1"]) == .status("list"))
      #expect(try bus.entries(bus.target).map { $0["n"] } == ["0"])
    }
  }
}
