import Deployment
import Testing

@testable import Verification

@Suite struct RedisCheckTests {
  static let good =
    "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:9\r\n# Persistence\r\naof_enabled:1\r\n"
    + "aof_last_write_status:ok\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\nrole:master\r\n"

  static func info(_ changes: (String, String)..., appendfsync: String? = "everysec") -> ServerInfo {
    var text = good
    for (old, new) in changes { text = text.replacing(old, with: new) }
    return ServerInfo(text, appendfsync: appendfsync)
  }

  @Test func aServerThatAnswersIsReachableAndItsVersionIsKept() {
    let result = RedisReachable.judge("redis://127.0.0.1:6379/0", .success(Self.info()))
    #expect(result.status == .pass)
    #expect(result.evidence["version"] == "7.0.15")
    #expect(RedisReachable.judge("x", .failure(ProbeError("refused"))).status == .fail)
  }

  @Test(arguments: [
    (info(), CheckResult.Status.pass, "append-only file on"),
    (info(("aof_enabled:1", "aof_enabled:0")), .fail, "append-only file is off"),
    (info(("aof_enabled:1", "x:1")), .fail, "does not say whether"),
    (info(("status:ok", "status:err")), .fail, "last write to the append-only file failed"),
    (info(("maxmemory:0", "maxmemory:1000"), ("noeviction", "allkeys-lru")), .fail, "allkeys-lru, which drops keys"),
    (info(("maxmemory:0", "maxmemory:1000"), ("noeviction", "volatile-ttl")), .fail, "volatile-ttl"),
    (info(("maxmemory:0", "maxmemory:1000")), .pass, "nothing is evicted"),
    (info(("noeviction", "allkeys-lru")), .pass, "nothing is evicted"),
    (info(("maxmemory:0", "x:0")), .fail, "does not say what its maxmemory is"),
    (info(("role:master", "role:slave")), .fail, "read-only replica"),
    (info(appendfsync: "no"), .warn, "power cut"),
    (info(appendfsync: nil), .pass, "append-only file on"),
  ])
  func redisKeepsWhatItIsGiven(info: ServerInfo, status: CheckResult.Status, words: String) {
    let result = RedisDurable.judge("redis", info)
    #expect(result.status == status, "\(result.detail)")
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func whatRedisDoesNotTellIsNull() {
    let result = RedisDurable.judge("redis", ServerInfo(""))
    #expect(result.evidence["aof_enabled"] == .null && result.evidence["maxmemory"] == .null)
  }

  @Test func everyFaultIsNamedAtOnce() {
    let info = Self.info(("aof_enabled:1", "aof_enabled:0"), ("role:master", "role:slave"))
    let detail = RedisDurable.judge("redis", info).detail
    #expect(detail.contains("append-only") && detail.contains("replica"))
  }

  @Test(arguments: [
    (Result<KeyView, ProbeError>.success(.none), CheckResult.Status.fail, "does not exist"),
    (.success(.other("hash")), .fail, "the key is a hash"),
    (.failure(ProbeError("NOPERM")), .fail, "NOPERM"),
    (.success(.stream(StreamView(length: 3, lastGenerated: .zero, maxDeleted: .zero))), .pass, "3 entries"),
  ])
  func aStreamIsAStream(seen: Result<KeyView, ProbeError>, status: CheckResult.Status, words: String) {
    let result = StreamExists.judge("quantum:stream:trade.intent", seen)
    #expect(result.status == status)
    #expect(result.detail.contains(words))
  }

  @Test(
    arguments: [
      ("5-1", EntryID(milliseconds: 5, sequence: 1)), ("5", EntryID(milliseconds: 5, sequence: 0)),
      ("18446744073709551615-18446744073709551615", EntryID(milliseconds: .max, sequence: .max)),
      ("", nil), ("5-", nil), ("-1", nil), ("$", nil), ("5-1-2", nil), ("+", nil),
    ] as [(String, EntryID?)])
  func entryIdentifiersAreReadAsRedisWritesThem(text: String, id: EntryID?) {
    #expect(EntryID(text) == id)
  }

  @Test func entryIdentifiersAreOrderedByNumberAndNotByText() {
    #expect(EntryID(milliseconds: 9, sequence: 9) < EntryID(milliseconds: 10, sequence: 0))
    #expect(EntryID(milliseconds: 10, sequence: 2) < EntryID(milliseconds: 10, sequence: 10))
  }

  @Test func onlyConnectionsThatReadByAGroupCountAsReaders() {
    let list = """
      id=1 addr=x name=a age=9 idle=3 flags=b db=0 cmd=xreadgroup user=default
      id=2 addr=x name=b age=9 idle=3600 flags=b db=0 cmd=xread user=default
      id=3 addr=x name=xreadgroup age=9 idle=0 flags=N db=0 cmd=xack user=default
      id=4 addr=x name= age=9 idle=0 flags=N db=0 cmd=xreadgroup user=default
      """
    #expect(GroupReaders.count(list) == 2)
    #expect(GroupReaders.count("") == 0)
  }
}
