import Testing

@testable import Systemd

struct JournalQueryTests {
  private typealias Match = JournalQuery.Match

  @Test func `a query without conditions wants everything of this boot`() {
    #expect(JournalQuery().matches(currentBoot: "b") == [[[Match("_BOOT_ID", "b")]]])
    #expect(JournalQuery(boot: .all).matches(currentBoot: "b").isEmpty)
  }

  @Test func `a unit's own lines are matched by the trusted field alone`() {
    let query = JournalQuery(units: ["a.service", "b.service"], boot: .all)
    #expect(
      query.matches(currentBoot: "") == [
        [[Match("_SYSTEMD_UNIT", "a.service")], [Match("_SYSTEMD_UNIT", "b.service")]]
      ])
  }

  @Test func `what others say about a unit is matched with a trusted field beside it`() {
    let query = JournalQuery(units: ["a.service"], includesManager: true, invocationID: "i", boot: .all)
    let alternatives = query.matches(currentBoot: "").joined()
    #expect(alternatives.count == 5)
    #expect(alternatives.allSatisfy { $0.contains { $0.field.hasPrefix("_") } })
  }

  @Test func `conditions of different kinds are groups of their own`() {
    let query = JournalQuery(
      units: ["a.service"], boot: .id("b"), fields: ["Z": ["1", "2"], "A": ["3"], "NONE": []], priority: .alert)
    #expect(
      query.matches(currentBoot: "") == [
        [[Match("_SYSTEMD_UNIT", "a.service")]],
        [[Match("_BOOT_ID", "b")]],
        [[Match("PRIORITY", "0"), Match("PRIORITY", "1")]],
        [[Match("A", "3")]],
        [[Match("Z", "1"), Match("Z", "2")]],
      ])
  }

  @Test(arguments: [
    (["_SYSTEMD_UNIT": "a.service", "_PID": "7"], JournalEntry.Origin.unit("a.service")),
    (["_SYSTEMD_UNIT": "b.service", "_PID": "7", "UNIT": "a.service"], .unit("b.service")),
    (["_SYSTEMD_UNIT": "init.scope", "_PID": "1", "UNIT": "a.service"], .manager(about: "a.service")),
    (["_PID": "7", "UNIT": "a.service"], .other),
    (
      ["MESSAGE_ID": JournalQuery.coredumpMessageID, "_UID": "0", "COREDUMP_UNIT": "a.service"],
      .coredump(of: "a.service")
    ),
    (["MESSAGE_ID": JournalQuery.coredumpMessageID, "_UID": "33", "COREDUMP_UNIT": "a.service"], .other),
  ])
  func `an entry's origin is decided by trusted fields`(fields: [String: String], origin: JournalEntry.Origin) {
    #expect(JournalEntry(cursor: "", realtime: 0, fields: fields).origin == origin)
  }
}
