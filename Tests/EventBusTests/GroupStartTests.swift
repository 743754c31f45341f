import EventBus
import Redis
import TestSupport
import Testing

@Suite struct GroupStartTests {
  private let group = Group("ours", of: "source")

  private func start(_ place: GroupStart.Place = .undecided) -> GroupStart {
    GroupStart(place, marker: "started:ours")
  }

  @Test func aFirstGroupBeginsAtTheFirstEntry() throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let connection = try server.connect()
      try Stream("source").publish([Field("a", "1")], on: connection)
      // One that has read nothing is nobody's predecessor.
      try Group("idle", of: "source").ensure(on: connection)
      #expect(try start().ensure(group, on: connection) == .created(after: "0"))
      #expect(try start().ensure(group, on: connection) == .present)
      #expect(try read(connection).count == 1)
    }
  }

  @Test func anotherGroupThatHasReadTheStreamIsForSomebodyToDecide() throws {
    try withOtherGroup { (connection, ids) throws in
      let error = #expect(throws: GroupStartError.self) { try start().ensure(group, on: connection) }
      #expect(error == .undecided(group, others: ["'theirs' up to \(ids[1])"]))
      #expect(try connection.call(["EXISTS", "started:ours"]) == .integer(0))
    }
  }

  @Test(arguments: [(GroupStart.Place.beginning, 0), (.behind("theirs"), 2), (.end, 3)])
  func whatWasDecidedHolds(_ place: GroupStart.Place, _ index: Int) throws {
    try withOtherGroup { (connection, ids) throws in
      #expect(try start(place).ensure(group, on: connection) == .created(after: index == 0 ? "0" : ids[index - 1]))
      #expect(try read(connection) == Array(ids[index...]))
    }
  }

  @Test func aGroupThatIsNotThereIsNotStartedBehind() throws {
    try withOtherGroup { (connection, ids) throws in
      let error = #expect(throws: GroupStartError.self) { try start(.behind("x")).ensure(group, on: connection) }
      #expect(error == .unknown("x", stream: "source", others: ["'theirs' up to \(ids[1])"]))
    }
  }

  @Test(arguments: [GroupStart.Place.undecided, .beginning, .end, .behind("theirs")])
  func aGroupThatWasLostBeginsWhereItBegan(_ place: GroupStart.Place) throws {
    try withOtherGroup { (connection, ids) throws in
      try start(.behind("theirs")).ensure(group, on: connection)
      try connection.call(["XGROUP", "DESTROY", "source", "ours"])
      #expect(try start(place).ensure(group, on: connection) == .recreated(after: ids[1]))
      #expect(try read(connection) == [ids[2]])
    }
  }

  @Test func aGroupOfAnEarlierServiceIsOursFromItsFirstEntryOn() throws {
    try withOtherGroup { (connection, ids) throws in
      try group.ensure(on: connection)
      #expect(try start().ensure(group, on: connection) == .present)
      try connection.call(["XGROUP", "DESTROY", "source", "ours"])
      #expect(try start(.end).ensure(group, on: connection) == .recreated(after: "0"))
    }
  }

  private func withOtherGroup(_ body: (Connection, [String]) throws -> Void) throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let connection = try server.connect()
      let ids = try (1...3).map { try Stream("source").publish([Field("a", "\($0)")], on: connection) }
      let theirs = Group("theirs", of: "source")
      try theirs.ensure(on: connection)
      _ = try theirs.readNew(as: "them", limit: 2, block: .milliseconds(1), on: connection)
      try body(connection, ids)
    }
  }

  private func read(_ connection: Connection) throws -> [String] {
    try group.readNew(as: "me", limit: 9, block: .milliseconds(1), on: connection).map(\.id)
  }
}
