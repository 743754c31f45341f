import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RouteOnceTests {
  private func item(_ id: String, key: String = "key:1", digest: String = "d1", value: String = "v") -> RouteOnce.Item {
    .publish(id: id, key: key, digest: digest, fields: [Field("value", value), Field("trace_id", key)])
  }

  @Test func theFirstIsPublishedAndItsKeyNamesTheNewEntry() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      let results = try bus.router.run([item(ids[0])], on: bus.connection)
      let published = try bus.entries(bus.target)
      #expect(published.map(\.fields) == [[Field("value", "v"), Field("trace_id", "key:1")]])
      #expect(results == [.published(id: published[0].id)])
      #expect(try bus.connection.call(["GET", "key:1"]) == .text("\(published[0].id) d1"))
      let lifetime = try #require(try bus.connection.call(["TTL", "key:1"]).integer)
      #expect((86390...86400).contains(lifetime))
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aRepetitionIsSkippedAcrossBatchesAndInsideOne() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3")
      try bus.deliver(to: "me")
      let first = try bus.router.run([item(ids[0]), item(ids[1])], on: bus.connection)
      let target = try #require(try bus.entries(bus.target).first?.id)
      #expect(first == [.published(id: target), .duplicate(of: target)])
      #expect(try bus.router.run([item(ids[2])], on: bus.connection) == [.duplicate(of: target)])
      #expect(try bus.entries(bus.target).count == 1)
      #expect(try bus.pending.count == 0)
      #expect(try bus.entries(bus.dead).isEmpty)
    }
  }

  @Test func anotherPayloadUnderTheSameKeyIsAConflictAndADeadLetter() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      let results = try bus.router.run([item(ids[0]), item(ids[1], digest: "d2")], on: bus.connection)
      let target = try #require(try bus.entries(bus.target).first?.id)
      #expect(results == [.published(id: target), .conflict(with: target, digest: "d1")])
      let letter = try #require(try bus.entries(bus.dead).first)
      #expect(letter["id"] == ids[1])
      #expect(letter["reason"]?.contains(target) == true)
      #expect(letter["entry.value"] == "2")
      #expect(try bus.pending.count == 0)
      #expect(try bus.connection.call(["GET", "key:1"]) == .text("\(target) d1"))
    }
  }

  @Test func whatAnotherHasDealtWithMeanwhileIsLeftAlone() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3")
      try bus.deliver(to: "me")
      // This process is paused here; another one takes over and deals with the first two.
      _ = try bus.router.run([item(ids[0]), .deadLetter(id: ids[1], reason: "malformed")], on: bus.connection)
      let late: [RouteOnce.Item] = [
        item(ids[0]), .deadLetter(id: ids[1], reason: "malformed"), item(ids[2], key: "key:2"),
      ]
      let results = try bus.router.run(late, on: bus.connection)
      let published = try bus.entries(bus.target)
      #expect(results == [.gone, .gone, .published(id: published.last?.id ?? "")])
      #expect(published.count == 2)
      #expect(try bus.entries(bus.dead).count == 1)
    }
  }

  @Test func entriesOfOthersInBetweenAndABatchInNoOrderAreRoutedAllTheSame() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3", "4", "5", "6")
      for (index, id) in ids.enumerated() {
        let read = try bus.group.readNew(
          as: index % 2 == 0 ? "me" : "other", limit: 1, block: .milliseconds(1), on: bus.connection)
        #expect(read.map(\.id) == [id])
      }
      let mine = [ids[4], ids[0], ids[2]]
      let results = try bus.router.run(mine.map { item($0, key: "key:\($0)") }, on: bus.connection)
      #expect(results == (try bus.entries(bus.target).map { .published(id: $0.id) }))
      #expect(results.count == 3)
      #expect(try bus.pending.count == 3)
    }
  }

  @Test func valuesThatOnlyLookAlikeKeepTheirBytes() throws {
    try TestBus.with { bus in
      // Composed and decomposed; two ideographs that are the same to Unicode and of as many bytes.
      let values = ["\u{E9}", "e\u{301}", "\u{8C48}", "\u{F900}"]
      for pair in [values[..<2], values[2...]] {
        let ids = try bus.publish("1", "2")
        try bus.deliver(to: "me")
        _ = try bus.router.run(zip(ids, pair).map { item($0, key: "key:\($0)", value: $1) }, on: bus.connection)
      }
      let sent = try bus.entries(bus.target).map { Array(($0["value"] ?? "").utf8) }
      #expect(sent == values.map { Array($0.utf8) })
    }
  }

  @Test func aKeyOfAnotherProgramWithoutADigestIsARepetition() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      try bus.connection.call(["SET", "key:1", "1"])
      #expect(try bus.router.run([item(ids[0])], on: bus.connection) == [.duplicate(of: "1")])
      #expect(try bus.entries(bus.target).isEmpty)
    }
  }

  @Test func aWholeBatchKeepsItsOrderWithMalformedOnesInBetween() throws {
    try TestBus.with { bus in
      var ids: [String] = []
      for number in 0..<64 { ids += try bus.publish("\(number)") }
      try bus.deliver(to: "me")
      let items: [RouteOnce.Item] = ids.enumerated().map { index, id in
        index % 8 == 3 ? .deadLetter(id: id, reason: "no \(index)") : item(id, key: "key:\(index)", value: "\(index)")
      }
      let results = try bus.router.run(items, on: bus.connection)
      #expect(results.count == 64)
      for (index, result) in results.enumerated() { #expect((result == .deadLettered) == (index % 8 == 3)) }
      #expect(try bus.entries(bus.target).map { $0["value"] } == (0..<64).filter { $0 % 8 != 3 }.map { "\($0)" })
      #expect(try bus.entries(bus.dead).map { $0["reason"] } == (0..<64).filter { $0 % 8 == 3 }.map { "no \($0)" })
      #expect(try bus.pending.count == 0)
      #expect(try bus.router.run([], on: bus.connection).isEmpty)
    }
  }

  @Test func aFullMemoryLeavesNothingBehindAndNothingSuppressed() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      // Memory runs out in a service that has worked for a while: the script is loaded already.
      _ = try bus.router.run([.deadLetter(id: ids[1], reason: "warm")], on: bus.connection)
      try bus.connection.call(["DEL", "dead"])
      try bus.connection.call(["CONFIG", "SET", "maxmemory", "1"])
      let error = #expect(throws: RedisError.self) { try bus.router.run([item(ids[0])], on: bus.connection) }
      #expect(error?.serverError?.code == "OOM")
      #expect(try bus.connection.call(["EXISTS", "key:1", "target", "dead"]) == .integer(0))
      #expect(try bus.pending.count == 1)
      try bus.connection.call(["CONFIG", "SET", "maxmemory", "0"])
      let results = try bus.router.run([item(ids[0])], on: bus.connection)
      #expect(try bus.entries(bus.target).map { .published(id: $0.id) } == results)
    }
  }

  @Test func aTargetThatRefusesLeavesNoKey() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      try bus.connection.call(["SET", "target", "not a stream"])
      #expect(throws: RedisError.self) { try bus.router.run([item(ids[0])], on: bus.connection) }
      #expect(try bus.connection.call(["EXISTS", "key:1"]) == .integer(0))
      #expect(try bus.pending.count == 1)
    }
  }

  @Test func deadLettersThatAreRefusedKeepTheirEntryPending() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      try bus.connection.call(["SET", "dead", "not a stream"])
      #expect(throws: RedisError.self) {
        try bus.router.run([item(ids[0]), .deadLetter(id: ids[1], reason: "x")], on: bus.connection)
      }
      // The first was published and not yet acknowledged: its next delivery is a repetition, and nothing is doubled.
      #expect(try bus.router.run([item(ids[0])], on: bus.connection).count == 1)
      #expect(try bus.entries(bus.target).count == 1)
      #expect(try bus.pending.smallestID == ids[1])
    }
  }

  @Test func aKillAtAnyTimeLosesNothingAndDoublesNothing() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      _ = try bus.router.run([item(ids[0], key: "key:1")], on: bus.connection)
      bus.server.kill()
      #expect(throws: RedisError.self) { try bus.router.run([item(ids[1], key: "key:2")], on: bus.connection) }
      try bus.server.start()
      let connection = try bus.server.connect()
      let delivery = try #require(
        try bus.group.readOwn(as: "me", after: "0-0", deadLetters: "dead", on: connection).delivery)
      #expect(delivery.entry.id == ids[1])
      _ = try bus.router.run([item(ids[1], key: "key:2")], on: connection)
      #expect(try connection.ask(bus.target.range(limit: 10)).map { $0["trace_id"] } == ["key:1", "key:2"])
      #expect(try connection.ask(bus.group.pending).count == 0)
    }
  }
}
