import Redis
import TestSupport
import Testing

@testable import EventBus

/// What a consumer needs of its Redis is found out before the first entry is read, whatever it is.
@Suite(.timeLimit(.minutes(2))) struct RequirementsTests {
  private static let needs = Requirements(
    streams: ["target"], keys: ["own:-"], scripts: [RouteOnce.script] + SettleOnce.scripts)
  /// Runs a consumer under an access list or a setting that refuses something, until it has said so three times; then
  /// `repair` is called, and every entry has to be handled.
  private func expectWaiting(
    _ options: RedisServer.Options = .init(), break breaking: (TestBus) throws -> Void, as user: String? = nil,
    says: @escaping (String) -> Bool, repair: (TestBus) throws -> Void
  ) throws {
    try TestBus.with(options) { bus in
      try bus.publish("1", "2")
      try breaking(bus)
      var reasons: [String] = []
      var handled = 0
      try bus.run(
        as: user, requirements: Self.needs,
        handle: { deliveries, connection in
          #expect(reasons.count >= 3)
          handled += deliveries.count
          return TestBus.acknowledgeAll(deliveries, connection)
        },
        observe: { event in
          guard case .paused(let reason) = event else { return }
          reasons.append(reason)
          guard reasons.count == 3 else { return }
          do { try repair(bus) } catch { Issue.record(error) }
        }, until: { handled == 2 })
      #expect(reasons.allSatisfy { says($0) }, "\(reasons)")
      #expect(try bus.entries(bus.dead).isEmpty)
      #expect(try bus.pending.count == 0)
    }
  }

  /// Every command of the scripts, one by one; but those without which no group comes about, which is said first.
  @Test(
    arguments: needs.commands.map { $0[0].lowercased() }.filter {
      !["hsetnx", "xinfo", "xgroup", "exists"].contains($0)
    })
  func aCommandThatAnAccessListRefusesIsSaidBeforeAnythingIsRead(_ command: String) throws {
    try expectWaiting(
      break: { try $0.connection.call(["ACL", "SETUSER", "svc", "on", ">pw", "~*", "+@all", "-" + command]) },
      as: "svc",
      says: { $0.contains("Redis refuses '\(command.uppercased())': NOPERM") },
      repair: { try $0.connection.call(["ACL", "SETUSER", "svc", "+" + command]) })
  }

  @Test func aKeyThatAnAccessListRefusesIsSaid() throws {
    try expectWaiting(
      break: {
        try $0.connection.call(["ACL", "SETUSER", "svc", "on", ">pw", "~source", "~target", "~dead", "+@all"])
      }, as: "svc", says: { $0.contains("Redis refuses 'HSET': NOPERM") },
      repair: { try $0.connection.call(["ACL", "SETUSER", "svc", "~own:*"]) })
  }

  @Test(arguments: ["source", "target", "dead"])
  func aSharedKeyOfAnotherTypeIsNamed(_ key: String) throws {
    try expectWaiting(
      break: {
        // The entries of the source are put back behind the repair.
        if key == "source" { try $0.connection.call(["RENAME", "source", "aside"]) }
        try $0.connection.call(["SET", key, "x"])
      },
      says: { $0.contains("the key '\(key)' is a string, not a stream; rename or delete it") },
      repair: {
        try $0.connection.call(["DEL", key])
        if key == "source" { try $0.connection.call(["RENAME", "aside", "source"]) }
      })
  }

  @Test func aRedisThatEvictsIsNotWorkedWith() throws {
    try expectWaiting(
      break: {
        try $0.connection.call(["CONFIG", "SET", "maxmemory-policy", "volatile-lru"])
        try $0.connection.call(["CONFIG", "SET", "maxmemory", "500mb"])
      },
      says: { $0.contains("maxmemory-policy is volatile-lru") },
      repair: { try $0.connection.call(["CONFIG", "SET", "maxmemory-policy", "noeviction"]) })
  }

  @Test func aFullMemoryIsSaid() throws {
    try expectWaiting(
      break: { try $0.connection.call(["CONFIG", "SET", "maxmemory", "1"]) }, says: { $0.contains("OOM") },
      repair: { try $0.connection.call(["CONFIG", "SET", "maxmemory", "0"]) })
  }

  @Test func aCommandThatWasRenamedIsSaid() throws {
    try TestBus.with(.init(configuration: ["rename-command HSET \"\""])) { bus in
      try bus.publish("1")
      var reasons: [String] = []
      try bus.run(
        requirements: Self.needs, handle: TestBus.acknowledgeAll,
        observe: { if case .paused(let reason) = $0 { reasons.append(reason) } }, until: { reasons.count == 3 })
      #expect(reasons.allSatisfy { $0.contains("Redis refuses 'HSET': ERR unknown command") }, "\(reasons)")
    }
  }

  @Test func tryingChangesNothing() throws {
    try TestBus.with { bus in
      try bus.publish("1", "2")
      try bus.group.join(as: "me", on: bus.connection)
      try bus.deliver(to: "me", limit: 1)
      let all = Requirements.ofConsumers(
        of: .init(group: bus.group, name: "me", deadLetters: "dead")
      ).merging(Self.needs)
      func picture() throws -> [Reply] {
        try bus.connection.pipeline([
          ["KEYS", "*"], ["XINFO", "STREAM", "source"], ["XINFO", "GROUPS", "source"],
          ["XPENDING", "source", "workers", "-", "+", "10"].self, ["XLEN", "target"],
        ]).enumerated().map {
          $0.offset == 3 ? .array($0.element.array?.map { $0.array?.last ?? .null } ?? []) : $0.element
        }
      }
      let before = try picture()
      #expect(try all.unmet(by: bus.group, as: "me", on: bus.connection) == [])
      #expect(try picture() == before)
      // Each command of the scripts is tried.
      let tried = Set(all.trials(in: bus.group, as: "me").map(\.name))
      let untried = Set(all.commands.map { $0[0] }).subtracting(tried)
      #expect(untried.isEmpty, "\(untried)")
    }
  }
}
