import Glibc
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RedisServerTests {
  private struct Thrown: Error {}

  @Test func nothingIsLeftOfAServerWhoseTestThrows() throws {
    var folder = ""
    var server: RedisServer?
    #expect(throws: Thrown.self) {
      try RedisServer.with {
        server = $0
        folder = $0.folder
        throw Thrown()
      }
    }
    #expect(access(folder, F_OK) != 0)
    #expect(throws: RedisError.self) { try server?.connect() }
  }

  @Test func keepsItsDataOverAKill() throws {
    try RedisServer.with(.init(appendOnly: true)) { server in
      try server.connect().call(["SET", "x", "1"])
      server.kill()
      #expect(!server.isRunning)
      try server.start()
      #expect(try server.connect().call(["GET", "x"]) == .text("1"))
    }
  }
}
