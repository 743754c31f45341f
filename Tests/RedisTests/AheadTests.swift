import Redis
import TestSupport
import Testing

/// Commands whose answers wait while others are called.
@Suite(.timeLimit(.minutes(1))) struct AheadTests {
  @Test func eachGetsItsOwnAnswerWhateverIsCalledInBetween() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      #expect(try connection.takeAhead() == nil)
      try connection.sendAhead(["INCR", "n"])
      #expect(try connection.call(["SET", "k", "v"]) == .status("OK"))
      #expect(try connection.pipeline([["GET", "k"], ["GET", "n"]]) == [.text("v"), .text("1")])
      #expect(try connection.takeAhead() == .integer(1))
      #expect(try connection.takeAhead() == nil)
      try connection.sendAhead(["INCR", "n"])
      #expect(try connection.takeAhead() == .integer(2))
      #expect(try connection.call(["GET", "n"]) == .text("2"))
    }
  }

  @Test func aSecondOneTakesThePlaceOfTheFirst() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.sendAhead(["INCR", "n"])
      try connection.sendAhead(["SET", "k", "v"])
      #expect(try connection.call(["GET", "n"]) == .text("1"))
      #expect(try connection.takeAhead() == .status("OK"))
    }
  }

  @Test func anErrorOfTheServerIsItsAnswerAndNobodyElses() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try connection.call(["SET", "k", "v"])
      try connection.sendAhead(["INCR", "k"])
      #expect(try connection.call(["GET", "k"]) == .text("v"))
      #expect(try connection.takeAhead()?.serverError?.code == "ERR")
      #expect(connection.isOpen)
    }
  }

  @Test func aWaitThatASignalMayEndIsNotEndedByTheAnswer() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let stop = StopSignal()
      try connection.sendAhead(["INCR", "n"])
      #expect(try connection.call(["BLPOP", "list", "0.05"], stop: stop).isNull)
      stop.raise()
      try connection.sendAhead(["INCR", "n"])
      #expect(throws: RedisError.stopped) { try connection.call(["BLPOP", "list", "30"], stop: stop) }
      #expect(throws: RedisError.closed) { try connection.takeAhead() }
    }
  }

  @Test func aLostConnectionIsToldByTheNextCall() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try server.connect().call(["CLIENT", "PAUSE", "300", "ALL"])
      try connection.sendAhead(["INCR", "n"])
      server.kill()
      #expect(throws: RedisError.self) { try connection.call(["GET", "n"]) }
      #expect(!connection.isOpen)
      #expect(throws: RedisError.closed) { try connection.sendAhead(["INCR", "n"]) }
    }
  }
}
