import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct InspectionTests {
  @Test func describesAStreamItsGroupsAndTheirConsumersInOnePipeline() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3")
      try bus.deliver(to: "a", limit: 1)
      try bus.deliver(to: "b", limit: 1)
      try bus.group.acknowledge([ids[0]], on: bus.connection)
      let (info, groups, consumers, pending) = (
        bus.source.info, bus.source.groups, bus.group.consumers, bus.group.pending
      )
      let undelivered = bus.group.undelivered(after: ids[1], limit: 100)
      let replies = try bus.connection.pipeline([
        info.command, groups.command, consumers.command, pending.command, undelivered.command,
      ])
      let stream = try info.read(replies[0])
      #expect(stream.length == 3)
      #expect(stream.groups == 1)
      #expect(stream.firstEntryID == ids[0])
      #expect(stream.lastEntryID == ids[2])
      #expect(stream.lastGeneratedID == ids[2])
      #expect(stream.entriesAdded == 3)
      #expect(stream.maxDeletedEntryID == "0-0")
      let group = try #require(try groups.read(replies[1]).first)
      #expect(group.name == "workers")
      #expect(group.consumers == 2)
      #expect(group.pending == 1)
      #expect(group.lastDeliveredID == ids[1])
      #expect(group.entriesRead == 2)
      #expect(group.lag == 1)
      let people = try consumers.read(replies[2])
      #expect(people.map(\.name) == ["a", "b"])
      #expect(people.map(\.pending) == [0, 1])
      #expect(people.allSatisfy { $0.idle < .seconds(60) })
      let summary = try pending.read(replies[3])
      #expect(summary.byConsumer == ["b": 1])
      #expect(summary.smallestID == ids[1])
      #expect(summary.greatestID == ids[1])
      #expect(try undelivered.read(replies[4]) == 1)
    }
  }

  @Test func aLagThatRedisCannotTellIsUnknownAndNotZero() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3", "4")
      try bus.deliver(to: "a", limit: 1)
      try bus.delete(ids[2])
      let group = try #require(try bus.connection.ask(bus.source.groups).first)
      #expect(group.lag == nil)
      #expect(try bus.connection.ask(bus.group.undelivered(after: group.lastDeliveredID, limit: 100)) == 2)
      #expect(try bus.connection.ask(bus.group.undelivered(after: group.lastDeliveredID, limit: 1)) == 1)
    }
  }

  @Test func entriesTrimmedBeforeDeliveryShowAsLagAboveWhatIsThere() throws {
    try TestBus.with { bus in
      try bus.publish("1", "2", "3", "4", "5")
      try bus.deliver(to: "a", limit: 1)
      try bus.connection.call(["XTRIM", "source", "MAXLEN", "1"])
      let group = try #require(try bus.connection.ask(bus.source.groups).first)
      let left = try bus.connection.ask(bus.group.undelivered(after: group.lastDeliveredID, limit: 100))
      #expect(left == 1)
      #expect(try #require(group.lag) >= left)
    }
  }

  @Test func nothingPendingIsASummaryOfNothing() throws {
    try TestBus.with { bus in
      let summary = try bus.pending
      #expect(summary.count == 0)
      #expect(summary.smallestID == nil)
      #expect(summary.byConsumer.isEmpty)
    }
  }

  @Test func whatIsNotThereIsTheServersError() throws {
    try TestBus.with { bus in
      let stream = #expect(throws: RedisError.self) { try bus.connection.ask(Stream("absent").info) }
      #expect(stream?.serverError?.message == "ERR no such key")
      let group = #expect(throws: RedisError.self) { try bus.connection.ask(Group("no", of: "source").consumers) }
      #expect(group?.isMissingGroup == true)
    }
  }
}
