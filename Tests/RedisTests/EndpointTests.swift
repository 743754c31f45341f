import Redis
import Testing

@Suite struct EndpointTests {
  @Test(arguments: [
    ("redis://127.0.0.1:6379/0", Endpoint(.tcp(host: "127.0.0.1", port: 6379))),
    ("redis://localhost", Endpoint(.tcp(host: "localhost", port: 6379))),
    ("redis://localhost/", Endpoint(.tcp(host: "localhost", port: 6379))),
    ("redis://[::1]:7000/3", Endpoint(.tcp(host: "::1", port: 7000), database: 3)),
    ("redis://[fe80::1]", Endpoint(.tcp(host: "fe80::1", port: 6379))),
    (
      "redis://me:secret@host:1/15", Endpoint(.tcp(host: "host", port: 1), user: "me", password: "secret", database: 15)
    ),
    ("redis://:secret@host", Endpoint(.tcp(host: "host", port: 6379), password: "secret")),
    ("redis://:p%40s%3A%2F@host", Endpoint(.tcp(host: "host", port: 6379), password: "p@s:/")),
    ("redis://:p@ss@host", Endpoint(.tcp(host: "host", port: 6379), password: "p@ss")),
    ("unix:///run/redis.sock", Endpoint(.unix(path: "/run/redis.sock"))),
    ("unix:///run/redis.sock?db=2", Endpoint(.unix(path: "/run/redis.sock"), database: 2)),
    (
      "unix://me:secret@/run/a%20b?db=2", Endpoint(.unix(path: "/run/a b"), user: "me", password: "secret", database: 2)
    ),
  ])
  func readsWhatTheManifestMayName(text: String, expected: Endpoint) throws {
    #expect(try Endpoint(text) == expected)
  }

  @Test(arguments: [
    "", "127.0.0.1:6379", "rediss://host", "http://host", "redis://", "redis://:6379", "redis://host:0",
    "redis://host:65536", "redis://host:+1", "redis://host:", "redis://host:abc", "redis://host/-1", "redis://host/+1",
    "redis://host/a", "redis://host/0/1", "redis://host/99999999999", "redis://host?db=1", "redis://me@host",
    "redis://me:@host", "redis://[::1", "redis://[::1]x", "redis://:%zz@host", "redis://:%4@host", "redis://:%ff@host",
    "redis://h%00st", "unix://run/redis.sock", "unix:///a?database=1", "unix:///a?db=x", "unix://",
    "unix:///" + String(repeating: "a", count: 107),
  ])
  func refusesEverythingElseWithAReason(text: String) {
    #expect(throws: EndpointError.self) { try Endpoint(text) }
  }

  @Test func theReasonSaysWhatToWriteAndNeverThePassword() throws {
    let error = #expect(throws: EndpointError.self) { try Endpoint("redis://me:hunter2@host:99999/0") }
    let text = try #require(error?.description)
    #expect(text.contains("':99999'"))
    #expect(text.contains("redis://[user:password@]host:port/db"))
    #expect(!text.contains("hunter2"))
  }

  @Test(arguments: [
    ("redis://me:hunter2@host:6379/1", "redis://me:***@host:6379/1"),
    ("redis://:hunter2@[::1]/1", "redis://:***@[::1]:6379/1"),
    ("redis://host", "redis://host:6379/0"),
    ("unix://:hunter2@/run/r.sock", "unix://:***@/run/r.sock?db=0"),
  ])
  func noDescriptionShowsThePassword(text: String, shown: String) throws {
    let endpoint = try Endpoint(text)
    var dumped = ""
    dump(endpoint, to: &dumped)
    #expect("\(endpoint)" == shown)
    #expect(!(String(reflecting: endpoint) + String(reflecting: [endpoint]) + dumped).contains("hunter2"))
  }
}
