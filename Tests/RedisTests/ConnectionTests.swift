import Dispatch
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
  @Test func connectsByUnixSocketAndByTCPWithPasswordDatabaseAndName() throws {
    try RedisServer.with(.init(tcp: true, password: "pass word@:/")) { server in
      for endpoint in [server.endpoint, try #require(server.tcpEndpoint)] {
        var endpoint = endpoint
        endpoint.database = 5
        let connection = try Connection(to: endpoint, options: .init(clientName: "a-test"))
        #expect(try connection.call(["CLIENT", "GETNAME"]) == .text("a-test"))
        #expect(try connection.call(["CLIENT", "INFO"]).string?.contains(" db=5 ") == true)
      }
    }
  }

  @Test func entersAsAUserOfTheAccessList() throws {
    try RedisServer.with { server in
      try server.connect().call(["ACL", "SETUSER", "reader", "on", ">secret", "+ping", "+acl|whoami"])
      var endpoint = server.endpoint
      (endpoint.user, endpoint.password) = ("reader", "secret")
      let connection = try Connection(to: endpoint)
      #expect(try connection.call(["ACL", "WHOAMI"]) == .text("reader"))
      let error = #expect(throws: RedisError.self) { try connection.call(["GET", "x"]) }
      #expect(error?.serverError?.code == "NOPERM")
      #expect(connection.isOpen)
    }
  }

  @Test func aWrongOrMissingPasswordIsTheServersErrorAndIsNotShown() throws {
    try RedisServer.with(.init(password: "right")) { server in
      var endpoint = server.endpoint
      endpoint.password = "wrong-one"
      let wrong = #expect(throws: RedisError.self) { try Connection(to: endpoint) }
      #expect(wrong?.serverError?.code == "WRONGPASS")
      #expect(wrong?.description.contains("wrong-one") == false)
      endpoint.password = nil
      let missing = #expect(throws: RedisError.self) { try Connection(to: endpoint).call(["GET", "x"]) }
      #expect(missing?.serverError?.code == "NOAUTH")
    }
  }

  @Test(arguments: ["unix:///tmp/qtctl-no-such.sock", "redis://127.0.0.1:1/0", "redis://no-such-host.invalid"])
  func nobodyThereIsSaidWithTheAddress(url: String) throws {
    let endpoint = try Endpoint(url)
    let error = #expect(throws: RedisError.self) { try Connection(to: endpoint) }
    guard case .connect(let named, let reason)? = error else {
      Issue.record("got \(String(describing: error))")
      return
    }
    #expect(named == endpoint.description)
    #expect(!reason.isEmpty)
  }

  @Test func argumentsAndRepliesAreBinarySafe() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let bytes = [0, 13, 10, 0xff, 0xfe, 32, 0] as [UInt8]
      var command = Command("SET", "")
      command.append(bytes: bytes)
      try connection.call(command)
      #expect(try connection.call(["GET", ""]) == .bytes(bytes))
      try connection.call(["SET", "a b\0c", ""])
      #expect(try connection.call(["GET", "a b\0c"]) == .text(""))
      #expect(try connection.call(["GET", "absent"]) == .null)
      let long = String(repeating: "é%s$1\r\n", count: 100_000)
      try connection.call(["SET", "long", long])
      #expect(try connection.call(["GET", "long"]) == .text(long))
    }
  }

  @Test func everyKindOfReplyArrivesAsItIs() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      #expect(try connection.call(["PING"]) == .status("PONG"))
      #expect(
        try connection.call(["EVAL", "return {1,{'a',false,{}},{err='ERR x'}}", "0"])
          == .array([.integer(1), .array([.text("a"), .null, .array([])]), .error(ServerError(line: "ERR x"))]))
      #expect(try connection.send(["NOSUCH"]).serverError?.code == "ERR")
      #expect(try connection.call(["XREAD", "BLOCK", "1", "STREAMS", "x", "$"]) == .null)
    }
  }

  @Test func aTimeoutClosesTheConnectionSoThatALateAnswerIsNobodysElse() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let start = ContinuousClock.now
      #expect(throws: RedisError.timeout(command: "BLPOP", after: .milliseconds(50))) {
        try connection.call(["BLPOP", "list", "10"], timeout: .milliseconds(50))
      }
      #expect(start.duration(to: .now) < .seconds(5))
      #expect(!connection.isOpen)
      #expect(throws: RedisError.closed) { try connection.call(["PING"]) }
    }
  }

  @Test func aTimeoutLongerThanTheDefaultHoldsForItsCallOnly() throws {
    try RedisServer.with { server in
      let connection = try server.connect(.init(timeout: .milliseconds(200)))
      #expect(try connection.call(["BLPOP", "list", "0.5"], timeout: .seconds(5)) == .null)
      #expect(throws: RedisError.timeout(command: "BLPOP", after: .milliseconds(200))) {
        try connection.call(["BLPOP", "list", "10"])
      }
    }
  }

  @Test func aKilledServerIsALostConnectionAndARestartedOneIsReachedAnew() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["SET", "kept", "yes"])
      server.kill()
      let error = #expect(throws: RedisError.self) {
        try connection.call(["GET", "kept"])
      }
      #expect(error?.endsConnection == true)
      #expect(!connection.isOpen)
      #expect(throws: RedisError.self) { try server.connect() }
      try server.start()
      #expect(try server.connect().call(["GET", "kept"]) == .text("yes"))
    }
  }

  @Test func aPipelineHasOneReplyForEachCommandAndGoesOnPastAnError() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let commands = (0..<2000).map { $0 == 1000 ? Command("INCR") : Command("INCR", "n") }
      let replies = try connection.pipeline(commands)
      #expect(replies.count == 2000)
      #expect(replies[999] == .integer(1000))
      #expect(replies[1000].serverError?.code == "ERR")
      #expect(replies[1999] == .integer(1999))
      #expect(try connection.pipeline([]) == [])
      #expect(try connection.call(["GET", "n"]) == .text("1999"))
    }
  }

  @Test func aStreamOfCommandsHasOneReplyForEachInOrderAndMakesOneWhileTheLastIsUnderWay() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let other = try server.connect()
      var made = 0
      var seen: [Int64] = []
      let replies = try connection.stream {
        // The one before was sent and is carried out although its reply has not been asked for yet.
        if made > 0 {
          while (try? other.call(["GET", "n"]).integer) != Int64(made) {}
          seen.append(Int64(made))
        }
        made += 1
        return made <= 5 ? ["INCR", "n"] : nil
      }
      #expect(replies == (1...5).map { .integer($0) })
      #expect(seen == [1, 2, 3, 4, 5])
      #expect(try connection.stream { nil } == [])
      #expect(try connection.call(["GET", "n"]) == .text("5"))
    }
  }

  @Test func aPipelineCutShortThrowsAndClosesTheConnection() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let error = #expect(throws: RedisError.self) {
        try connection.pipeline([["INCR", "n"], ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"], ["INCR", "n"]])
      }
      #expect(error?.endsConnection == true)
      #expect(!connection.isOpen)
      #expect(try server.connect().call(["GET", "n"]).integer ?? 0 >= 1)
    }
  }

  @Test func aRaisedStopSignalEndsABlockedReadAtOnce() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let stop = StopSignal()
      #expect(!stop.isRaised)
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) { stop.raise() }
      let start = ContinuousClock.now
      #expect(throws: RedisError.stopped) {
        try connection.call(["BLPOP", "list", "30"], timeout: .seconds(40), stop: stop)
      }
      #expect(start.duration(to: .now) < .seconds(20))
      #expect(stop.isRaised)
      #expect(stop.wait(for: .seconds(30)))
    }
  }

  @Test func anUnraisedStopSignalChangesNothing() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let stop = StopSignal()
      #expect(try connection.call(["BLPOP", "list", "0.05"], stop: stop) == .null)
      #expect(throws: RedisError.timeout(command: "BLPOP", after: .milliseconds(30))) {
        try connection.call(["BLPOP", "list", "10"], timeout: .milliseconds(30), stop: stop)
      }
    }
  }

  @Test func anAnswerBeyondTheLimitOfBytesClosesTheConnection() throws {
    try RedisServer.with { server in
      try server.connect().call(["SET", "long", String(repeating: "x", count: 300_000)])
      let connection = try server.connect(.init(maxReplyBytes: 200_000))
      #expect(try connection.call(["GETRANGE", "long", "0", "99999"]).string?.utf8.count == 100_000)
      #expect(throws: RedisError.replyTooLarge(command: "GET", limit: 200_000)) {
        try connection.call(["GET", "long"])
      }
      #expect(!connection.isOpen)
    }
  }

  /// The server sends a byte now and then, each well within the timeout.
  @Test func anAnswerThatDripsIsNotWaitedForBeyondTheTimeout() throws {
    let listener = try DrippingServer(interval: .milliseconds(20))
    let connection = try Connection(to: listener.endpoint)
    let start = ContinuousClock.now
    #expect(throws: RedisError.timeout(command: "GET", after: .milliseconds(300))) {
      try connection.call(["GET", "x"], timeout: .milliseconds(300))
    }
    #expect(start.duration(to: .now) < .seconds(3))
  }

  /// Redis 7.0 has no code of its own for what it refuses inside a script.
  @Test(arguments: [
    "ERR The user executing the script can't run this command or subcommand script: 1a2b, on @user_script:9.",
    "ERR Unknown Redis command called from script script: 1a2b, on @user_script:3.",
    "ERR unknown command 'HSET', with args beginning with: 'k' 'f' ", "ERR max number of clients reached",
    "NOPERM ACL failure in script: User svc has no permissions to run the 'hset' command", "READONLY You can't write",
    "OOM command not allowed when used memory > 'maxmemory'.", "NOREPLICAS Not enough good replicas to write.",
  ])
  func whatTheServerRefusesForItsStateOrSettingsIsACondition(_ line: String) {
    #expect(ServerError(line: line).isCondition)
  }

  @Test(arguments: [
    "ERR value is not an integer or out of range", "WRONGTYPE Operation against a key holding the wrong kind of value",
    "ERR syntax error, not: ERR unknown command", "NOGROUP No such key", "STALEEPOCH epoch 1 was overtaken by 2",
  ])
  func anErrorOfTheCommandOrItsDataIsNone(_ line: String) {
    #expect(!ServerError(line: line).isCondition)
  }

  @Test func whatAnAccessListRefusesInsideAScriptIsACondition() throws {
    try RedisServer.with { server in
      try server.connect().call(["ACL", "SETUSER", "svc", "on", ">pw", "~*", "+@all", "-hset"])
      var endpoint = server.endpoint
      (endpoint.user, endpoint.password) = ("svc", "pw")
      let connection = try Connection(to: endpoint)
      let script = Script(name: "x", source: "return redis.call('HSET', KEYS[1], 'f', 'v')")
      let error = #expect(throws: RedisError.self) { try connection.run(script, keys: ["k"]) }
      #expect(error?.isCondition == true, "\(String(describing: error))")
    }
  }

  @Test func aFullMemoryIsAServersErrorWithItsCode() throws {
    try RedisServer.with(.init(configuration: ["maxmemory 300kb"])) { server in
      let connection = try server.connect()
      let error = #expect(throws: RedisError.self) { try connection.call(["SET", "x", "1"]) }
      #expect(error?.serverError?.code == "OOM")
      #expect(connection.isOpen)
    }
  }
}
