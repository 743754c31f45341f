import EventBus
import Redis
import TestSupport
import Testing
import Trading

/// What nobody should write to a stream: each entry ends where it has to, and what comes behind it goes on.
@Suite(.timeLimit(.minutes(2))) struct HostileEntriesTests {
  /// An entry that cannot be processed, and the beginning of the reason in its dead letter.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let changed: [String: String?]
    let reason: String
  }

  static let cases = [
    Case(
      testDescription: "malformed JSON", changed: ["payload": "{\"symbol\": \"BTC"], reason: "payload is not JSON: "),
    Case(testDescription: "not an object", changed: ["payload": "[1, 2]"], reason: "payload is not JSON: "),
    Case(testDescription: "no payload", changed: ["payload": nil], reason: "field 'side' is missing"),
    Case(
      testDescription: "an unknown probe marker", changed: ["probe": "yes"],
      reason: "field 'probe' is 'yes', should be '1' or not there at all"),
    Case(
      testDescription: "10 MB", changed: ["payload": String(repeating: "x", count: 10 << 20)],
      reason: "payload is not JSON: "),
    Case(
      testDescription: "a trace id of several lines", changed: ["trace_id": "a\nTERMINAL STATE: FILLED"],
      reason: "field 'trace_id' is "),
  ]

  @Test(arguments: cases)
  func aMalformedEntryIsADeadLetterInBothStreams(_ hostile: Case) async throws {
    try await Pipeline.with { pipeline in
      try pipeline.publishDecision("t-0", changed: hostile.changed)
      try pipeline.publishIntent("t-0", changed: hostile.changed)
      try await goesOn(pipeline)
      let letters = try pipeline.entries(Names.Stream.deadLetters)
      #expect(Set(letters.map { $0["source"] }) == [Names.Stream.decisions, Names.Stream.intents])
      for letter in letters {
        #expect(letter["reason"]?.hasPrefix(hostile.reason) == true, "\(letter["reason"]?.prefix(200) ?? "")")
        // The whole entry is kept.
        #expect((letter["entry.payload"] ?? "") == (hostile.changed["payload"] ?? letter["entry.payload"]) ?? "")
      }
      #expect(letters.count == 2)
    }
  }

  @Test func namesAndValuesThatAreNoTextAreDeadLettersByteForByte() async throws {
    try await Pipeline.with { pipeline in
      for stream in [Names.Stream.decisions, Names.Stream.intents] {
        var command = Command("XADD", stream, "*")
        command.append(bytes: [0x00, 0xFF, 0x0A])
        command.append(bytes: [0xC3, 0x28])
        try pipeline.connection.call(command)
      }
      try await goesOn(pipeline)
      let reply = try pipeline.connection.call(["XRANGE", Names.Stream.deadLetters, "-", "+"])
      let fields = try reply.requireArray(of: "XRANGE").compactMap { $0.array?.last?.array }
      #expect(fields.count == 2)
      for field in fields {
        #expect(field.contains(.bytes(Array("entry.".utf8) + [0x00, 0xFF, 0x0A])))
        #expect(field.contains(.bytes([0xC3, 0x28])))
      }
    }
  }

  @Test func aConflictAndAnEntryDeletedWhilePendingDoNotStopTheStream() async throws {
    try await Pipeline.with { pipeline in
      try pipeline.publishDecision("t-0", at: Timestamp(seconds: 1_900_000_000, nanoseconds: 0))
      // The same trace at another moment.
      try pipeline.publishDecision("t-0", at: Timestamp(seconds: 1_900_000_001, nanoseconds: 0))
      // One that was delivered to the very consumer, and deleted before it was acknowledged.
      try Pipeline.intents.ensure(on: pipeline.connection)
      try pipeline.publishIntent("t-lost")
      let idle = try pipeline.start(Pipeline.execution)
      try await eventually("it is ready") { try pipeline.log(Pipeline.execution).contains("ready: ") }
      idle.kill()
      let name = try #require(try pipeline.connection.ask(Pipeline.intents.consumers).first?.name)
      try pipeline.publishIntent("t-gone")
      let entries = try Pipeline.intents.readNew(as: name, limit: 9, block: .milliseconds(1), on: pipeline.connection)
      for entry in entries { try pipeline.connection.call(["XDEL", Names.Stream.intents, entry.id]) }
      try await goesOn(pipeline)
      let lost =
        entries.count == 1
        ? "ENTRY LOST \(entries[0].id)" : "ENTRIES LOST: \(entries.count) entries from \(entries[0].id)"
      #expect(try pipeline.log(Pipeline.execution).contains(lost))
      let reasons = try pipeline.entries(Names.Stream.deadLetters).map { $0["reason"] ?? "" }.sorted()
      // The other one too, where the kill came before it was handled.
      #expect(reasons.count == 1 + entries.count)
      #expect(reasons.first?.hasPrefix("conflict: ") == true)
      #expect(reasons.last == "trimmed while pending")
    }
  }

  /// A decision behind all that comes out, nothing stays pending, and both services stop as they should.
  private func goesOn(_ pipeline: Pipeline) async throws {
    try pipeline.publishDecision("t-good")
    let services = try [Pipeline.router, Pipeline.execution].map { try pipeline.start($0) }
    try await eventually("the decision behind is filled", within: .seconds(30)) {
      try pipeline.entries(Names.Stream.results).contains { $0["trace_id"] == "t-good" }
    }
    try await eventually("nothing is pending") {
      try pipeline.pending(Pipeline.decisions) == 0 && pipeline.pending(Pipeline.intents) == 0
    }
    for service in services { #expect(pipeline.stop(service) == .exited(0)) }
  }
}
