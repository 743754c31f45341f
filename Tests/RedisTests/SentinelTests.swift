import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SentinelTests {
  @Test(arguments: [
    ("redis+sentinel://a/m", Endpoint(.sentinels(Sentinels([.init("a")], master: "m")))),
    (
      "redis+sentinel://a,b:7,[::1]:8/m/3",
      Endpoint(
        .sentinels(Sentinels([.init("a"), .init("b", port: 7), .init("::1", port: 8)], master: "m")), database: 3)
    ),
    (
      "redis+sentinel://me:secret@a/m",
      Endpoint(.sentinels(Sentinels([.init("a")], master: "m")), user: "me", password: "secret")
    ),
  ])
  func readsTheSentinelsAndTheName(text: String, expected: Endpoint) throws {
    #expect(try Endpoint(text) == expected)
  }

  @Test func thePasswordOfTheSentinelsIsAnotherOneAndIsNotShown() throws {
    let endpoint = try Endpoint("redis+sentinel://:one@a,b/m?sentinel-user=u&sentinel-password=tw%6f")
    #expect(endpoint.sentinelUser == "u")
    #expect(endpoint.sentinelPassword == "two")
    #expect("\(endpoint)" == "redis+sentinel://:***@a:26379,b:26379/m/0")
    var dumped = ""
    dump(endpoint, to: &dumped)
    #expect(!dumped.contains("two") && !dumped.contains("one"))
  }

  @Test(arguments: [
    "redis+sentinel://", "redis+sentinel:///m", "redis+sentinel://a", "redis+sentinel://a/", "redis+sentinel://a,/m",
    "redis+sentinel://a:0/m", "redis+sentinel://a/m/x", "redis+sentinel://a/m/0/1", "redis+sentinel://a/m?db=1",
    "redis+sentinel://a/m#x", "redis+sentinel://me@a/m", "redis+sentinel://a/m?sentinel-user=u",
  ])
  func refusesEverythingElse(text: String) {
    #expect(throws: EndpointError.self) { try Endpoint(text) }
  }

  @Test func withoutASentinelThatAnswersEachIsSaidWithItsReason() throws {
    let error = #expect(throws: RedisError.self) {
      try Connection(to: try Endpoint("redis+sentinel://127.0.0.1:1,127.0.0.1:2/m"))
    }
    let text = try #require(error?.description)
    #expect(text.contains("no sentinel tells where the master 'm' is (127.0.0.1:1: Connection refused; 127.0.0.1:2: "))
    #expect(error?.endsConnection == true)
  }

  @Test func aConnectionGoesToTheMasterAndAfterAFailoverToTheNextOne() async throws {
    try await SentinelTrio.with { trio in
      let first = try Connection(to: trio.endpoint)
      try first.call(["SET", "x", "1"])
      #expect(try trio.master.connect().call(["GET", "x"]) == .text("1"))
      try first.call(["WAIT", "1", "5000"])
      // One sentinel less is no hindrance.
      trio.stop(0)
      trio.master.kill()
      #expect(throws: RedisError.self) { try first.call(["PING"]) }
      try await eventually("the replica is the master", within: .seconds(30)) {
        (try? Connection(to: trio.endpoint).call(["GET", "x"])) == .text("1")
      }
      let second = try Connection(to: trio.endpoint)
      try second.call(["SET", "x", "2"])
      #expect(try trio.replica.connect().call(["GET", "x"]) == .text("2"))
      // The old master comes back, for a while still taking itself for the master; nobody is sent to it.
      try trio.master.start()
      #expect(try Connection(to: trio.endpoint).call(["GET", "x"]) == .text("2"))
      #expect(try Connection(to: trio.endpoint).call(["ROLE"]).array?.first?.string == "master")
    }
  }

  /// More than one command is under way, or one whose answer waits.
  private static let waysToWrite: [@Sendable (Connection) throws -> Void] = [
    { try $0.call(["SET", "x", "1"]) },
    { connection in
      for case .error(let error) in try connection.pipeline([["SET", "x", "1"], ["GET", "x"], ["SET", "x", "2"]]) {
        throw RedisError.server(error)
      }
    },
    { connection in
      var left = 5
      _ = try connection.stream {
        left -= 1
        return left < 0 ? nil : ["SET", "x", "1"]
      }
    },
    { connection in
      try connection.sendAhead(["SET", "x", "1"])
      try connection.call(["GET", "x"])
    },
    { connection in
      try connection.sendAhead(["SET", "x", "1"])
      try connection.call(["GET", "x"], stop: StopSignal())
    },
  ]

  @Test func aMasterThatBecameAReplicaIsLeftWhateverIsUnderWay() async throws {
    try await SentinelTrio.with { trio in
      let connections = try Self.waysToWrite.map { _ in try Connection(to: trio.endpoint) }
      try trio.master.connect().call(["CONFIG", "SET", "min-replicas-to-write", "0"])
      guard case .tcp(let host, let port)? = trio.replica.tcpEndpoint?.address else { return }
      try trio.master.connect().call(["REPLICAOF", host, String(port)])
      for (connection, write) in zip(connections, Self.waysToWrite) {
        #expect(throws: RedisError.self) { try write(connection) }
        #expect(!connection.isOpen)
        #expect(throws: RedisError.self) { try connection.takeAhead() }
      }
    }
  }

  @Test func aMasterThatBecameAReplicaIsLeft() async throws {
    try await SentinelTrio.with { trio in
      let connection = try Connection(to: trio.endpoint)
      try trio.master.connect().call(["CONFIG", "SET", "min-replicas-to-write", "0"])
      guard case .tcp(let host, let port)? = trio.replica.tcpEndpoint?.address else { return }
      try trio.master.connect().call(["REPLICAOF", host, String(port)])
      let error = #expect(throws: RedisError.self) { try connection.call(["SET", "x", "1"]) }
      #expect(error?.serverError?.code == "READONLY")
      #expect(!connection.isOpen)
    }
  }
}
