import Redis
import Testing

@Suite struct ReplyTests {
  @Test(arguments: [
    ("NOSCRIPT No matching script.", "NOSCRIPT"), ("OOM command not allowed", "OOM"), ("ERR unknown", "ERR"),
    ("LOADING", "LOADING"), ("something else", ""), ("", ""), ("-x", ""),
  ])
  func aServersErrorHasItsCodeWord(line: String, code: String) {
    #expect(ServerError(line: line).code == code)
    #expect(ServerError(line: line).message == line)
  }

  @Test(arguments: [
    ("OOM x", true), ("MISCONF x", true), ("LOADING x", true), ("READONLY x", true), ("NOAUTH x", true),
    ("WRONGTYPE x", false), ("ERR x", false), ("NOGROUP x", false), ("NOSCRIPT x", false),
  ])
  func aStateThatPassesIsToldFromAFaultyCommand(line: String, isCondition: Bool) {
    #expect(RedisError.server(ServerError(line: line)).isCondition == isCondition)
  }

  @Test func accessorsGiveNilForWhatIsNotTheirs() {
    #expect(Reply.text("7").integer == 7)
    #expect(Reply.text("x").integer == nil)
    #expect(Reply.null.integer == nil)
    #expect(Reply.null.string == nil)
    #expect(Reply.null.array == nil)
    #expect(Reply.bytes([0xff]).string == nil)
    #expect(Reply.bytes([0xff]).rawBytes == [0xff])
    #expect(Reply.text("é").rawBytes == [0xc3, 0xa9])
  }

  @Test func aFlatMapIsReadByName() {
    let reply = Reply.array([.text("lag"), .null, .text("name"), .text("lag"), .text("odd")])
    #expect(reply["lag"] == .null)
    #expect(reply["name"] == .text("lag"))
    #expect(reply["odd"] == nil)
    #expect(Reply.null["lag"] == nil)
  }

  @Test func anUnexpectedReplySaysWhatCameButNotItsContent() {
    #expect(throws: RedisError.unexpected(command: "GET", wanted: "an integer", got: "a text")) {
      try Reply.text("secret").requireInteger(of: "GET")
    }
    #expect(throws: RedisError.server(ServerError(line: "ERR x"))) {
      try Reply.error(ServerError(line: "ERR x")).requireArray(of: "GET")
    }
  }
}
