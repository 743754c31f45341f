import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct TrimmingTests {
  private func trim(_ bus: TestBus, keep: Duration = .zero) throws -> Int {
    try Trimming(bus.source.name, keep: keep).run(on: bus.connection)
  }

  private func ids(_ bus: TestBus) throws -> [String] {
    try bus.entries(bus.source).map(\.id)
  }

  @Test func removesWhatEveryGroupHasAcknowledgedAndNothingElse() throws {
    try TestBus.with { bus in
      let all = try bus.publish("1", "2", "3", "4", "5", "6")
      let other = Group("slow", of: "source")
      try other.ensure(on: bus.connection)
      try bus.deliver(to: "me")
      try bus.group.acknowledge(all, on: bus.connection)
      #expect(try trim(bus) == 0)
      let read = try other.readNew(as: "s", limit: 4, block: .milliseconds(1), on: bus.connection).map(\.id)
      try other.acknowledge([read[0], read[1], read[3]], on: bus.connection)
      #expect(try trim(bus) == 2)
      #expect(try ids(bus) == Array(all[2...]))
      try other.acknowledge([read[2]], on: bus.connection)
      #expect(try trim(bus) == 1)
      #expect(try ids(bus) == Array(all[3...]))
      _ = try other.readNew(as: "s", limit: 9, block: .milliseconds(1), on: bus.connection)
      #expect(try trim(bus) == 1)
      #expect(try ids(bus) == Array(all[4...]))
    }
  }

  @Test func aStreamWithoutAGroupOrWithoutAReaderOrAbsentIsLeftAlone() throws {
    try TestBus.with { bus in
      try bus.target.publish([Field("a", "1")], on: bus.connection)
      #expect(try Trimming("target", keep: .zero).run(on: bus.connection) == 0)
      #expect(try Trimming("absent", keep: .zero).run(on: bus.connection) == 0)
      try bus.publish("1")
      #expect(try trim(bus) == 0)
      #expect(try bus.connection.call(["XLEN", "target"]) == .integer(1))
      #expect(try bus.connection.call(["EXISTS", "absent"]) == .integer(0))
    }
  }

  @Test func keepsWhatIsYoungerThanAskedFor() throws {
    try TestBus.with { bus in
      try bus.connection.call(["XADD", "source", "1000-1", "value", "old"])
      try bus.connection.call(["XADD", "source", "1000-2", "value", "old"])
      let young = try bus.publish("1", "2")
      try bus.group.acknowledge(try bus.deliver(to: "me"), on: bus.connection)
      #expect(try trim(bus, keep: .seconds(3600)) == 2)
      #expect(try ids(bus) == young)
    }
  }

  @Test func withoutAGroupAgeAloneDecidesWhereThatIsWanted() throws {
    try TestBus.with { bus in
      for id in ["1000-1", "1000-2"] { try bus.connection.call(["XADD", "results", id, "value", "old"]) }
      let young = try Stream("results").publish([Field("value", "young")], on: bus.connection)
      #expect(try Trimming("results", keep: .seconds(3600)).run(on: bus.connection) == 0)
      let trimming = Trimming("results", keep: .seconds(3600), trimsWithoutGroup: true)
      #expect(try trimming.run(on: bus.connection) == 2)
      #expect(try bus.entries(Stream("results")).map(\.id) == [young])
    }
  }

  @Test func withAGroupNothingUnacknowledgedGoesHoweverOld() throws {
    try TestBus.with { bus in
      for id in ["1000-1", "1000-2", "1000-3"] { try bus.connection.call(["XADD", "source", id, "value", "old"]) }
      let read = try bus.deliver(to: "me", limit: 2)
      try bus.group.acknowledge([read[0]], on: bus.connection)
      #expect(try Trimming("source", keep: .zero, trimsWithoutGroup: true).run(on: bus.connection) == 1)
      #expect(try ids(bus) == ["1000-2", "1000-3"])
    }
  }

  @Test func comparesIdsBeyondWhatLuaCanCount() throws {
    try TestBus.with { bus in
      for id in ["999-9", "1000-9007199254740992", "1000-9007199254740993", "1000-18446744073709551615"] {
        try bus.connection.call(["XADD", "source", id, "value", id])
      }
      let other = Group("other", of: "source")
      try other.ensure(on: bus.connection)
      let read = try bus.deliver(to: "me")
      _ = try other.readNew(as: "o", limit: 9, block: .milliseconds(1), on: bus.connection)
      try bus.group.acknowledge([read[0], read[1]], on: bus.connection)
      try other.acknowledge([read[0], read[1], read[2]], on: bus.connection)
      #expect(try trim(bus) == 2)
      #expect(try ids(bus) == [read[2], read[3]])
    }
  }
}
