import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct GroupTests {
  @Test func aGroupCreatedLateBeginsWithWhatIsThere() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let id = try Stream("s").publish([Field("a", "1")], on: connection)
      let group = Group("g", of: "s")
      #expect(try group.ensure(on: connection))
      #expect(try !group.ensure(on: connection))
      #expect(try group.readNew(as: "c", limit: 9, block: .milliseconds(1), on: connection).map(\.id) == [id])
    }
  }

  @Test func ownPendingEntriesAreReadOneByOneAndCounted() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me")
      try bus.publish("new")
      let first = try bus.group.readOwn(as: "me", after: "0-0", deadLetters: "dead", on: bus.connection)
      #expect(first.delivery?.entry == Entry(id: ids[0], fields: [Field("value", "1")]))
      #expect(first.delivery?.deliveries == 2)
      #expect(
        try bus.group.readOwn(as: "me", after: "0-0", deadLetters: "dead", on: bus.connection).delivery?.deliveries == 3
      )
      let second = try bus.group.readOwn(as: "me", after: ids[0], deadLetters: "dead", on: bus.connection)
      #expect(second.delivery?.entry.id == ids[1])
      #expect(second.delivery?.deliveries == 2)
      #expect(try bus.group.readOwn(as: "me", after: ids[1], deadLetters: "dead", on: bus.connection).next == .end)
      #expect(try bus.group.readOwn(as: "other", after: "0-0", deadLetters: "dead", on: bus.connection).next == .end)
    }
  }

  @Test func claimingTakesWhatLiesWithOthersAndNeverOnesOwn() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3", "4")
      try bus.deliver(to: "gone", limit: 1)
      try bus.deliver(to: "me", limit: 1)
      try bus.deliver(to: "vanished", limit: 2)
      func claim(_ idle: Duration, _ limit: Int) throws -> Group.Claimed {
        try bus.group.claim(as: "me", idle: idle, limit: limit, deadLetters: bus.dead.name, on: bus.connection)
      }
      #expect(try claim(.seconds(3600), 10).ids.isEmpty)
      #expect(try claim(.zero, 2).ids == [ids[0], ids[2]])
      #expect(try claim(.zero, 10).ids == [ids[3]])
      #expect(try claim(.zero, 10).ids.isEmpty)
      #expect(try bus.pending.byConsumer == ["me": 4])
      let deliveries = try bus.connection.ask(bus.group.pendingEntries(limit: 10)).map(\.deliveries)
      #expect(deliveries == [1, 1, 1, 1])
    }
  }

  @Test func aConsumerLeavesOnlyWithNothingPending() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      #expect(try !bus.group.leave(as: "me", on: bus.connection))
      #expect(try bus.pending.count == 1)
      try bus.group.acknowledge(ids, on: bus.connection)
      #expect(try bus.group.leave(as: "me", on: bus.connection))
      #expect(try bus.connection.ask(bus.group.consumers).isEmpty)
      #expect(try bus.group.leave(as: "nobody", on: bus.connection))
    }
  }

  @Test func aLivelyOtherIsOneThatHasAskedALittleWhileAgo() throws {
    try TestBus.with { bus in
      func other(_ silence: Duration) throws -> String? {
        try bus.group.livelyOther(than: "me", silence: silence, on: bus.connection)?.name
      }
      try bus.group.join(as: "me", on: bus.connection)
      #expect(try other(.seconds(60)) == nil)
      try bus.group.join(as: "you", on: bus.connection)
      #expect(try other(.seconds(60)) == "you")
      while try other(.milliseconds(50)) != nil {}
      #expect(try other(.seconds(60)) == "you")
      try bus.group.touch(as: "you", on: bus.connection)
      #expect(try other(.milliseconds(50)) == "you")
      try bus.connection.call(["DEL", "source"])
      #expect(try other(.seconds(60)) == nil)
    }
  }

  @Test func anEntryTrimmedWhilePendingWithAnotherIsReportedAndRecorded() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "gone")
      try bus.delete(ids[0])
      let claimed = try bus.group.claim(
        as: "me", idle: .zero, limit: 10, deadLetters: bus.dead.name, on: bus.connection)
      #expect(claimed.trimmed == [ids[0]])
      #expect(claimed.ids == [ids[1]])
      let letter = try #require(try bus.entries(bus.dead).first)
      #expect(letter["id"] == ids[0])
      #expect(letter["reason"] == "trimmed while pending")
      #expect(try bus.pending.count == 1)
    }
  }

  @Test func ownPendingEntriesThatWereTrimmedAreRecordedOnTheWayToTheNextOne() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3")
      try bus.deliver(to: "me")
      for id in ids.prefix(2) { try bus.delete(id) }
      let read = try bus.group.readOwn(as: "me", after: "0-0", deadLetters: "dead", on: bus.connection)
      #expect(read.trimmed == [ids[0], ids[1]])
      #expect(read.delivery?.entry.id == ids[2])
      #expect(read.delivery?.deliveries == 2)
      #expect(try bus.entries(bus.dead).map { $0["reason"] } == ["trimmed while pending", "trimmed while pending"])
      #expect(try bus.pending.count == 1)
    }
  }

  @Test func anOwnPendingEntryThatIsTooLargeIsNamedAndNotSent() throws {
    try TestBus.with { bus in
      let id = try bus.source.publish([Field("f", String(repeating: "x", count: 5000))], on: bus.connection)
      try bus.deliver(to: "me")
      let read = try bus.group.readOwn(
        as: "me", after: "0-0", mostBytes: 4000, deadLetters: "dead", on: bus.connection)
      #expect(read.next == .tooLarge(id: id, bytes: 5001))
      try bus.group.deadLetter([(id, "too large")], cut: 1000, deadLetters: "dead", on: bus.connection)
      let letter = try #require(try bus.entries(bus.dead).first)
      #expect(letter["entry.f"] == String(repeating: "x", count: 1000))
      #expect(letter["truncated"] == "1")
    }
  }

  /// To read it may be what ends the process.
  @Test func anOwnPendingEntryThatWasDeliveredTooOftenIsNamedAndNotSent() throws {
    try TestBus.with { bus in
      let id = try bus.publish("1")[0]
      try bus.deliver(to: "me")
      var seen: [Group.OwnRead.Next] = []
      for _ in 0..<3 {
        seen.append(
          try bus.group.readOwn(as: "me", after: "0-0", mostDeliveries: 3, deadLetters: "dead", on: bus.connection).next
        )
      }
      let entry = Entry(id: id, fields: [Field("value", "1")])
      #expect(
        seen == [
          .entry(Delivery(entry, deliveries: 2)), .entry(Delivery(entry, deliveries: 3)),
          .poison(id: id, deliveries: 4),
        ])
    }
  }

  /// 740,000 intents were trimmed before anybody had read them, and only a lag that could not be told of it.
  @Test func whatWasTrimmedUnreadIsCountedUntilTheGroupHasReadBehindTheGap() throws {
    try TestBus.with { bus in
      for number in 1...10 { try bus.publish("\(number)") }
      try bus.deliver(to: "me", limit: 3)
      #expect(try bus.group.removedUnread(on: bus.connection) == 0)
      // What the group has read may go.
      try bus.connection.call(["XTRIM", "source", "MAXLEN", "7"])
      #expect(try bus.group.removedUnread(on: bus.connection) == 0)
      try bus.connection.call(["XTRIM", "source", "MAXLEN", "2"])
      #expect(try bus.group.removedUnread(on: bus.connection) == 5)
      try bus.deliver(to: "me", limit: 1)
      #expect(try bus.group.removedUnread(on: bus.connection) == 0)
      try bus.connection.call(["DEL", "source"])
      #expect(try bus.group.removedUnread(on: bus.connection) == 0)
    }
  }

  @Test func whatWasRemovedBeforeTheGroupWasMadeIsNotItsLoss() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      for number in 1...9 { try Stream("s").publish([Field("n", "\(number)")], on: connection) }
      try connection.call(["XTRIM", "s", "MAXLEN", "4"])
      let group = Group("g", of: "s")
      try group.ensure(on: connection)
      #expect(try group.removedUnread(on: connection) == 0)
      #expect(try connection.ask(Stream("s").groups).first?.lag == 4)
      try connection.call(["XTRIM", "s", "MAXLEN", "0"])
      #expect(try group.removedUnread(on: connection) == 4)
    }
  }

  @Test func manyEntriesOfASilentConsumerThatAreGoneAreClaimedInPortions() throws {
    try TestBus.with { bus in
      for number in 1...600 { try bus.publish("\(number)") }
      try bus.deliver(to: "gone", limit: 600)
      try bus.connection.call(["XTRIM", "source", "MAXLEN", "0"])
      var counts: [Int] = []
      for _ in 0..<4 {
        let claimed = try bus.group.claim(as: "me", idle: .zero, limit: 256, deadLetters: "dead", on: bus.connection)
        #expect(claimed.ids.isEmpty)
        counts.append(claimed.trimmed.count)
      }
      #expect(counts == [256, 256, 88, 0])
      #expect(try bus.entries(bus.dead).count == 600)
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func aDeadLetterNamesItsOriginAndKeepsTheBytesOfTheEntry() throws {
    try TestBus.with { bus in
      var command = Command("XADD", "source", "*", "source", "producer", "raw")
      command.append(bytes: [0xff, 0])
      let id = try bus.connection.call(command).requireString(of: "XADD")
      try bus.deliver(to: "me")
      try bus.group.deadLetter([(id, "no symbol")], deadLetters: bus.dead.name, on: bus.connection)
      let reply = try bus.connection.call(["XRANGE", "dead", "-", "+"])
      let fields = try #require(reply.array?.first?.array?.last?.array)
      #expect(
        fields == [
          .text("source"), .text("source"), .text("group"), .text("workers"), .text("id"), .text(id),
          .text("reason"), .text("no symbol"), .text("entry.source"), .text("producer"),
          .text("entry.raw"), .bytes([0xff, 0]),
        ])
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func anEntryOfTenThousandFieldsStillFindsItsWayToTheDeadLetters() throws {
    try TestBus.with { bus in
      let fields = (0..<10_000).map { Field("f\($0)", "x") }
      let id = try bus.source.publish(fields, on: bus.connection)
      try bus.deliver(to: "me")
      try bus.group.deadLetter([(id, "too large")], deadLetters: bus.dead.name, on: bus.connection)
      #expect(try bus.entries(bus.dead).first?["truncated"] == "10000")
      #expect(try bus.pending.count == 0)
    }
  }

  @Test func whatCannotBeRecordedIsNotAcknowledged() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "me")
      try bus.connection.call(["SET", "dead", "not a stream"])
      #expect(throws: RedisError.self) {
        try bus.group.deadLetter([(ids[0], "x")], deadLetters: bus.dead.name, on: bus.connection)
      }
      #expect(try bus.pending.count == 1)
    }
  }

  @Test func aForgivenDeliveryDoesNotCountAndOthersEntriesAreLeftAlone() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me", limit: 1)
      try bus.deliver(to: "other", limit: 1)
      _ = try bus.group.readOwn(as: "me", after: "0-0", deadLetters: "dead", on: bus.connection)
      try bus.group.forgive(ids, as: "me", on: bus.connection)
      let entries = try bus.connection.ask(bus.group.pendingEntries(limit: 10))
      #expect(entries.map(\.deliveries) == [1, 1])
      #expect(entries.map(\.consumer) == ["me", "other"])
    }
  }

  @Test func aForgivenDeliveryThatWasTrimmedIsStillPendingAndIsRecorded() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2")
      try bus.deliver(to: "me", limit: 2)
      try bus.connection.call(["XTRIM", bus.group.stream, "MAXLEN", "1"])
      try bus.group.forgive(ids, as: "me", on: bus.connection)
      #expect(try bus.connection.ask(bus.group.pendingEntries(limit: 10)).map(\.id) == ids)
      let read = try bus.group.readOwn(as: "me", after: "0-0", deadLetters: bus.dead.name, on: bus.connection)
      #expect(read.trimmed == [ids[0]])
      #expect(try bus.entries(bus.dead).map { $0["id"] } == [ids[0]])
    }
  }

  @Test func aStaleEpochRefusesEveryStepAndChangesNothing() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1")
      try bus.deliver(to: "other")
      let old = try Fence.take("epoch", on: bus.connection)
      let new = try Fence.take("epoch", on: bus.connection)
      #expect(new.epoch > old.epoch)
      let steps: [(Fence) throws -> Void] = [
        { try bus.group.acknowledge(ids, fence: $0, on: bus.connection) },
        { try bus.group.deadLetter([(ids[0], "x")], deadLetters: "dead", fence: $0, on: bus.connection) },
        {
          _ = try bus.group.claim(as: "me", idle: .zero, limit: 9, deadLetters: "dead", fence: $0, on: bus.connection)
        },
        { try bus.group.forgive(ids, as: "me", fence: $0, on: bus.connection) },
      ]
      for step in steps {
        let error = #expect(throws: RedisError.self) { try step(old) }
        #expect(error?.isStaleEpoch == true)
      }
      #expect(try bus.pending.byConsumer == ["other": 1])
      #expect(try bus.entries(bus.dead).isEmpty)
      #expect(try bus.group.acknowledge(ids, fence: new, on: bus.connection) == 1)
    }
  }

  @Test func anEpochWhoseKeyIsLostIsStale() throws {
    try TestBus.with { bus in
      let fence = try Fence.take("epoch", on: bus.connection)
      try bus.connection.call(["DEL", "epoch"])
      let error = #expect(throws: RedisError.self) {
        try bus.group.acknowledge(["1-1"], fence: fence, on: bus.connection)
      }
      #expect(error?.isStaleEpoch == true)
    }
  }
}
