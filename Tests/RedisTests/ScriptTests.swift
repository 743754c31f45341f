import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ScriptTests {
  private let script = Script(name: "append", source: "return redis.call('APPEND', KEYS[1], ARGV[1])")

  @Test func runsOnceForEachCallAlsoAfterTheServerForgotIt() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      #expect(try connection.run(script, keys: ["k"], arguments: ["a"]) == .integer(1))
      try connection.call(["SCRIPT", "FLUSH"])
      #expect(try connection.run(script, keys: ["k"], arguments: ["b"]) == .integer(2))
      #expect(try connection.run(script, keys: ["k"], arguments: ["c"]) == .integer(3))
      #expect(try connection.call(["GET", "k"]) == .text("abc"))
    }
  }

  @Test func manyCallsRunInOrderAlsoWhenTheServerForgetsTheScriptInBetween() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let other = try server.connect()
      var letters = Array("abcdef")
      let replies = try connection.run(script) {
        guard !letters.isEmpty else { return nil }
        if letters.count == 3 { _ = try? other.call(["SCRIPT", "FLUSH"]) }
        return Script.Call(keys: ["k"], arguments: Command(String(letters.removeFirst())))
      }
      #expect(replies == (1...6).map { .integer($0) })
      #expect(try connection.call(["GET", "k"]) == .text("abcdef"))
    }
  }

  @Test func ofManyCallsOneThatFailsKeepsNoOtherFromBeingCarriedOut() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["LPUSH", "list", "x"])
      var keys = ["a", "list", "b"]
      let error = #expect(throws: RedisError.self) {
        try connection.run(script) {
          keys.isEmpty ? nil : Script.Call(keys: [keys.removeFirst()], arguments: Command("1"))
        }
      }
      #expect(error?.serverError?.code == "WRONGTYPE")
      #expect(try connection.call(["GET", "b"]) == .text("1"))
      #expect(try connection.call(["GET", "a"]) == .text("1"))
    }
  }

  @Test func travelsOncePerConnection() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      for _ in 0..<3 { try connection.run(script, keys: ["k"], arguments: ["a"]) }
      let stats = try #require(try connection.call(["INFO", "commandstats"]).string)
      #expect(stats.contains("cmdstat_script|load:calls=1,"))
      #expect(stats.contains("cmdstat_evalsha:calls=3,"))
    }
  }

  @Test func anErrorInsideItKeepsItsCode() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["LPUSH", "list", "x"])
      let error = #expect(throws: RedisError.self) { try connection.run(script, keys: ["list"], arguments: ["a"]) }
      #expect(error?.serverError?.code == "WRONGTYPE")
      let raised = Script(name: "raise", source: "return redis.error_reply('MYCODE why')")
      let own = #expect(throws: RedisError.self) { try connection.run(raised, keys: []) }
      #expect(own?.serverError == ServerError(line: "MYCODE why"))
      #expect(connection.isOpen)
    }
  }
}
