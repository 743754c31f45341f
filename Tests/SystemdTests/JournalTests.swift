import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import Systemd

extension OnRealSystemd {
  struct Journal {
    let reader = JournalReader()

    @Test func `a unit's own lines are told from what the manager says about it`() throws {
      try TestUnit.with(Sections.oneshot("echo one; echo two")) { unit throws in
        try unit.perform(.start)
        let query = JournalQuery(units: [unit.name])
        let second = try first(query) { $0.message == "two" }
        #expect(second?.origin == .unit(unit.name))
        #expect(try reader.entries(query).map(\.message) == ["one", "two"])

        var wider = query
        wider.includesManager = true
        let all = try reader.entries(wider)
        #expect(all.contains { $0.message == "two" })
        let other = all.filter { $0.origin != .unit(unit.name) }
        #expect(!other.isEmpty)
        #expect(other.allSatisfy { $0.origin == .manager(about: unit.name) && $0.pid == 1 })
      }
    }

    @Test func `a line that another process forges for a unit does not count as the unit's`() throws {
      try TestUnit.with(Sections.oneshot("echo genuine")) { unit throws in
        let trace = TestUnit.unique()
        JournalSender.send([
          ("MESSAGE", "forged"), ("UNIT", unit.name), ("SYSLOG_IDENTIFIER", unit.name), ("TRACE_ID", trace),
          ("COREDUMP_UNIT", unit.name), ("_SYSTEMD_UNIT", unit.name), ("_PID", "1"),
        ])
        // It is in the journal, under every field that is the sender's to choose.
        let forged = try #require(try first(JournalQuery(fields: ["TRACE_ID": [trace]])))
        #expect(forged["UNIT"] == unit.name)
        #expect(forged.origin != .unit(unit.name) && forged.origin != .manager(about: unit.name))

        try unit.perform(.start)
        for includesManager in [false, true] {
          let query = JournalQuery(units: [unit.name], includesManager: includesManager)
          _ = try first(query) { $0.message == "genuine" }
          #expect(try !reader.entries(query).contains { $0.message == "forged" })
        }
        #expect(try reader.entries(JournalQuery(units: [unit.name], fields: ["TRACE_ID": [trace]])).isEmpty)
      }
    }

    @Test func `one run's lines are found without the other runs'`() throws {
      try TestUnit.with("[Service]\nExecStart=/bin/sh -c 'echo run; sleep infinity'\n") { unit throws in
        try unit.perform(.start)
        let first = try #require(try unit.status.invocationID)
        _ = try self.first(JournalQuery(units: [unit.name], invocationID: first)) { $0.message == "run" }
        try unit.perform(.restart)
        let second = try #require(try unit.status.invocationID)
        let line = try self.first(JournalQuery(invocationID: second)) { $0.message == "run" }
        #expect(line?.invocationID == second)
        #expect(try reader.entries(JournalQuery(units: [unit.name])).count == 2)
        #expect(try reader.entries(JournalQuery(invocationID: first)).map(\.invocationID) == [first])
        let wide = try reader.entries(JournalQuery(includesManager: true, invocationID: first))
        #expect(wide.contains { $0.origin == .manager(about: unit.name) })
        #expect(!wide.contains { $0.invocationID == second })
      }
    }

    @Test func `what comes behind a cursor is new`() throws {
      let trace = TestUnit.unique()
      let query = JournalQuery(fields: ["TRACE_ID": [trace]])
      JournalSender.send([("MESSAGE", "old"), ("TRACE_ID", trace)])
      let old = try #require(try first(query))
      // The newest entry of all, and the entry itself: neither hides what follows or gives what was before.
      let places = [try #require(try reader.tail()), old.cursor]
      #expect(
        try places.map { try reader.entries(JournalQuery(after: $0)).map(\.cursor).contains(old.cursor) }
          == [false, false])
      JournalSender.send([("MESSAGE", "new"), ("TRACE_ID", trace)])
      for place in places {
        var behind = query
        behind.after = place
        #expect(try first(behind)?.message == "new")
        #expect(try reader.last(5, behind).map(\.message) == ["new"])
      }
      #expect(try reader.entries(query).map(\.message) == ["old", "new"])
      #expect(throws: SystemdError.badCursor("nonsense")) { try reader.entries(JournalQuery(after: "nonsense")) }
    }

    @Test func `the time, the priority, the boot and any of several values narrow a query`() throws {
      let trace = TestUnit.unique()
      for (message, priority) in [("a", 3), ("b", 6), ("c", 4)] {
        JournalSender.send([("MESSAGE", message), ("PRIORITY", "\(priority)"), ("TRACE_ID", trace)])
      }
      var query = JournalQuery(fields: ["TRACE_ID": [trace]])
      _ = try first(query) { $0.message == "c" }
      let entries = try reader.entries(query)
      try #require(entries.map(\.message) == ["a", "b", "c"])
      #expect(try reader.entries(query, limit: 2).map(\.message) == ["a", "b"])
      #expect(try reader.last(2, query).map(\.message) == ["b", "c"])

      query.priority = .warning
      #expect(try reader.entries(query).map(\.priority) == [.error, .warning])
      query.priority = nil
      query.fields["MESSAGE"] = ["b", "c", "d"]
      #expect(try reader.entries(query).map(\.message) == ["b", "c"])
      query.fields["MESSAGE"] = nil
      query.since = entries[1].realtime
      #expect(try reader.entries(query).map(\.message) == ["b", "c"])
      query.since = nil
      query.boot = .id(try #require(entries[0].bootID))
      #expect(try reader.entries(query).count == 3)
      query.boot = .id(String(repeating: "0", count: 32))
      #expect(try reader.entries(query).isEmpty)
      query.boot = .all
      #expect(try reader.entries(query).count == 3)
      #expect(throws: SystemdError.badField("lower")) { try reader.entries(JournalQuery(fields: ["lower": ["x"]])) }
    }

    @Test func `following gives what is there, then what comes, until told to stop`() throws {
      try TestUnit.with("[Service]\nExecStart=/bin/sh -c 'echo 1; sleep 0.3; echo 2; sleep infinity'\n") {
        unit throws in
        try unit.perform(.start)
        var seen: [String] = []
        let query = JournalQuery(units: [unit.name])
        let stopped = try reader.follow(query, until: .now + .seconds(10)) { entry in
          seen.append(entry.message)
          return entry.message != "2"
        }
        #expect(stopped)
        #expect(seen == ["1", "2"])
        let took = try ContinuousClock().measure { () throws in
          #expect(try first(query, seconds: 0.2) { $0.message == "3" } == nil)
        }
        #expect(took >= .milliseconds(200) && took < .seconds(5))
      }
    }

    @Test func `a follower sees an entry that was counted before it could be found`() async throws {
      let trace = TestUnit.unique()
      for text in ["one", "two"] { JournalSender.send([("MESSAGE", text), ("TRACE_ID", trace)]) }
      _ = try first(JournalQuery(fields: ["TRACE_ID": [trace]])) { $0.message == "two" }
      let folder = try TornJournal(about: "TRACE_ID=\(trace)")
      defer { folder.remove() }
      // As a reader meets it while journald has the second entry half written.
      try folder.setFound(1)
      async let isWhole = Task.detached {
        var seen: [String] = []
        try JournalReader(directory: folder.path)
          .follow(JournalQuery(boot: .all, fields: ["TRACE_ID": [trace]]), until: .now + .seconds(10)) { entry in
            seen.append(entry.message)
            return seen != ["one", "two"]
          }
        return seen == ["one", "two"]
      }.value
      try await Task.sleep(for: .milliseconds(200))
      try folder.setFound(2)
      #expect(try await isWhole)
    }

    @Test func `a follower ends when its task is cancelled`() async throws {
      let following = Task.detached { try JournalReader().follow(JournalQuery()) { _ in true } }
      following.cancel()
      #expect(try await !following.value)
    }

    @Test func `the log handler's fields are read back`() throws {
      let trace = TestUnit.unique()
      var handler = JournalLogHandler(label: "test.label", identifier: "test-program")
      handler[metadataKey: "qt_event"] = "duplicate"
      var logger = Logger(label: "test.label") { _ in handler }
      logger.logLevel = .debug
      logger.warning("DUPLICATE_SKIP\nin two lines", metadata: ["trace_id": "\(trace)", "stream-id": "1-0"])
      let entry = try #require(try first(JournalQuery(fields: ["TRACE_ID": [trace]])))
      #expect(entry.message == "DUPLICATE_SKIP\nin two lines")
      #expect(entry.priority == .warning)
      #expect(entry.identifier == "test-program")
      #expect(entry["QT_EVENT"] == "duplicate")
      #expect(entry["STREAM_ID"] == "1-0")
      #expect(entry["LOGGER"] == "test.label")
      #expect(entry["CODE_FILE"]?.hasSuffix("JournalTests.swift") == true)
      #expect(entry["CODE_LINE"].flatMap { Int($0) } ?? 0 > 0)
      #expect(entry.pid == getpid())
    }

    private func first(
      _ query: JournalQuery, seconds: Double = 10, where predicate: (JournalEntry) -> Bool = { _ in true }
    ) throws -> JournalEntry? {
      try reader.first(query, until: .now + .seconds(seconds), where: predicate)
    }
  }
}
