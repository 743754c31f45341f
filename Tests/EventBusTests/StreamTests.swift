import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct StreamTests {
  @Test func anEntryKeepsItsFieldsAndTheirOrder() throws {
    try TestBus.with { bus in
      let fields = [Field("b", "1"), Field("a", ""), Field("b", "é\0")]
      let id = try bus.target.publish(fields, on: bus.connection)
      let entries = try bus.entries(bus.target)
      #expect(entries == [Entry(id: id, fields: fields)])
      #expect(entries[0]["b"] == "1")
      #expect(entries[0]["c"] == nil)
    }
  }

  @Test func anEntryThatIsNotTextIsMarked() throws {
    try TestBus.with { bus in
      var command = Command("XADD", "target", "*", "a")
      command.append(bytes: [0x61, 0xff])
      try bus.connection.call(command)
      let entry = try #require(try bus.entries(bus.target).first)
      #expect(!entry.isText)
      #expect(entry["a"] == "a\u{fffd}")
    }
  }

  @Test func aSubscriptionReadsEverythingOnceFromItsIdOn() throws {
    try TestBus.with { bus in
      let ids = try bus.publish("1", "2", "3")
      var subscription = Subscription(to: bus.source, after: ids[0])
      let first = try subscription.next(limit: 1, block: .milliseconds(1), on: bus.connection)
      let second = try subscription.next(limit: 10, block: .milliseconds(1), on: bus.connection)
      #expect((first + second).map(\.id) == Array(ids[1...]))
      #expect(try subscription.next(limit: 10, block: .milliseconds(1), on: bus.connection).isEmpty)
      let later = try bus.publish("4")
      #expect(try subscription.next(limit: 10, block: .milliseconds(1), on: bus.connection).map(\.id) == later)
    }
  }

  @Test(arguments: [true, false])
  func aSubscriptionFromNowMissesNothingPublishedAfterIt(hasEntries: Bool) throws {
    try TestBus.with { bus in
      if hasEntries { try bus.publish("old") }
      var subscription = try Subscription.fromNow(bus.source, on: bus.connection)
      let new = try bus.publish("new")
      #expect(try subscription.next(limit: 10, block: .milliseconds(1), on: bus.connection).map(\.id) == new)
    }
  }
}
