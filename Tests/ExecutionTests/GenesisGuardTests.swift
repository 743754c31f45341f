import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

@Suite struct GenesisGuardTests {
  @Test func aRedisThatIsNewIsMarkedAndKnownAgain() async throws {
    try await withGuard { guarded, connection in
      try guarded.check(on: connection)
      #expect(try connection.call(["GET", Names.Key.genesis]).string != nil)
      try guarded.check(on: connection)
    }
  }

  @Test func aRedisThatLostItsDataIsRefusedUntilAnOperatorNamesTheMark() async throws {
    try await withGuard { guarded, connection in
      try guarded.check(on: connection)
      let mark = try #require(try connection.call(["GET", Names.Key.genesis]).string)
      try connection.call(["FLUSHALL"])
      #expect(throws: GenesisError.lost(remembered: mark)) { try guarded.check(on: connection) }
      try connection.call(["SET", Names.Key.genesisAccepted, "yes"])
      #expect(throws: GenesisError.lost(remembered: mark)) { try guarded.check(on: connection) }
      try connection.call(["SET", Names.Key.genesisAccepted, mark])
      try guarded.check(on: connection)
      // That was for once.
      try guarded.check(on: connection)
      try connection.call(["DEL", Names.Key.genesis])
      #expect(throws: GenesisError.self) { try guarded.check(on: connection) }
    }
  }

  @Test func anotherRedisIsRefused() async throws {
    try await withGuard { guarded, connection in
      try guarded.check(on: connection)
      let mark = try #require(try connection.call(["GET", Names.Key.genesis]).string)
      try connection.call(["SET", Names.Key.genesis, "another"])
      #expect(throws: GenesisError.other(mark: "another", remembered: mark)) { try guarded.check(on: connection) }
      try connection.call(["SET", Names.Key.genesisAccepted, mark])
      try guarded.check(on: connection)
      #expect(try connection.call(["GET", Names.Key.genesis]).string == "another")
    }
  }

  @Test func theRefusalSaysWhatToDo() {
    let text = GenesisError.lost(remembered: "m-1").description
    #expect(text.contains("'redis-cli SET quantum:genesis:accepted m-1'"))
  }

  @Test func aMemoryThatCannotBeReadIsNotTakenForNone() throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let guarded = GenesisGuard(rememberingIn: "/proc/self/environ")
      #expect(throws: StateFileError.self) { try guarded.check(on: try server.connect()) }
    }
  }

  private func withGuard(_ body: (GenesisGuard, Connection) throws -> Void) async throws {
    try await TemporaryFolder.with { folder in
      try RedisServer.with(.init(appendOnly: false)) { server in
        try body(GenesisGuard(rememberingIn: folder.path), try server.connect())
      }
    }
  }
}
