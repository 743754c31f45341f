import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import StrategyRouter

@Suite struct RouterTests {
  @Test func aDecisionBecomesAnIntentOfItsOwnTrace() throws {
    try withRouter { router, maker, recorder in
      try maker.write(DecisionMaker.payload(1, side: "sell"), trace: "t-1", changed: ["correlation_id": "c-1"])
      try route(router, maker.connection)
      let entry = try #require(try intents(maker.connection).first)
      let envelope = try Envelope(fields: (entry.fields ?? []).map { ($0.name, $0.value) })
      let intent = try Intent(envelope)
      #expect(envelope.traceID.text == "t-1")
      #expect(envelope.correlationID == "c-1")
      #expect(envelope.eventType == "trade.intent")
      #expect(envelope.source == "quantum-ai-strategy-router")
      #expect(!envelope.isProbe)
      #expect(intent.action == .sell)
      #expect(intent.positionSizeUSD == 500)
      #expect(intent.timestamp.text == "2026-01-31T12:00:00.000001+00:00")
      #expect(recorder.lines.isEmpty)
    }
  }

  @Test func manyDecisionsReadAtOnceKeepTheirOrderOverSeveralSteps() throws {
    try withRouter { router, maker, _ in
      for number in 0..<300 { try maker.write(DecisionMaker.payload(number % 250), trace: "t-\(number % 250)") }
      try route(router, maker.connection)
      let traces = try intents(maker.connection).map { $0["trace_id"] }
      #expect(traces == (0..<250).map { "t-\($0)" })
    }
  }

  @Test func aRepeatedDecisionIsSkippedByName() throws {
    try withRouter { router, maker, recorder in
      try maker.write(DecisionMaker.payload(1), trace: "t-1")
      let id = try maker.write(DecisionMaker.payload(1), trace: "t-1")
      try route(router, maker.connection)
      #expect(try intents(maker.connection).count == 1)
      let line = try #require(recorder.lines.first)
      #expect(recorder.lines.count == 1)
      #expect(line.message == "DUPLICATE_SKIP trace_id=t-1")
      #expect(line.fields == ["TRACE_ID": "t-1", "QT_EVENT": "DUPLICATE_SKIP", "STREAM_ID": id])
    }
  }

  @Test(arguments: ["", nil] as [String?])
  func decisionsWithoutATraceDoNotSuppressEachOther(_ trace: String?) throws {
    try withRouter { router, maker, recorder in
      for number in [1, 2, 3, 2, 1, 1] { try maker.write(DecisionMaker.payload(number), trace: trace) }
      try route(router, maker.connection)
      #expect(try intents(maker.connection).count == 3)
      #expect(recorder.lines("DUPLICATE_SKIP trace_id=sha256-").count == 3)
    }
  }

  @Test func aTraceWithAnotherPayloadIsAConflictAndNotPublished() throws {
    try withRouter { router, maker, recorder in
      try maker.write(DecisionMaker.payload(1), trace: "t-1")
      let id = try maker.write(DecisionMaker.payload(2), trace: "t-1")
      try route(router, maker.connection)
      #expect(try intents(maker.connection).count == 1)
      let letter = try #require(try letters(maker.connection).first)
      #expect(letter["id"] == id)
      #expect(letter["reason"]?.hasPrefix("conflict: ") == true)
      #expect(recorder.lines.map(\.fields) == [["TRACE_ID": "t-1", "QT_EVENT": "CONFLICT", "STREAM_ID": id]])
      #expect(recorder.lines("CONFLICT trace_id=t-1").count == 1)
    }
  }

  @Test(
    arguments: [
      (["payload": nil], "field 'payload' is missing, should be a text that is not empty"),
      (["payload": "{"], "payload is not JSON: it ends where a name in quotes should be"),
      (["payload": "{}"], "field 'symbol' is missing, should be three to ten capital letters and USDT"),
      (["source": nil], "field 'source' is missing, should be a text"),
      (["probe": "1"], "field 'symbol' is 'BTCUSDT', should be 'PROBEUSDT' on a probe"),
    ] as [([String: String?], String)])
  func aMalformedDecisionIsADeadLetterAndTheStreamGoesOn(_ changed: [String: String?], _ reason: String) throws {
    try withRouter { router, maker, recorder in
      let id = try maker.write(DecisionMaker.payload(1), trace: "t-1", changed: changed)
      try maker.write(DecisionMaker.payload(2), trace: "t-2")
      try route(router, maker.connection)
      let letter = try #require(try letters(maker.connection).first)
      #expect(letter["source"] == Names.Stream.decisions)
      #expect(letter["id"] == id)
      #expect(letter["reason"] == reason)
      #expect(try intents(maker.connection).map { $0["trace_id"] } == ["t-2"])
      #expect(recorder.lines.map(\.message) == ["DEAD LETTER \(id): \(reason)"])
    }
  }

  @Test func bytesThatAreNoTextAreADeadLetter() throws {
    try withRouter { router, maker, _ in
      var command = Command("XADD", Names.Stream.decisions, "*", "payload")
      command.append(bytes: [0xFF, 0xFE])
      try maker.connection.call(command)
      try route(router, maker.connection)
      #expect(try letters(maker.connection).first?["reason"] == "the entry has a field that is not UTF-8")
    }
  }

  @Test func aProbeStaysAProbe() throws {
    try withRouter { router, maker, recorder in
      let probe = try Probe.decision(traceID: "p-1", at: .now(), source: "test")
      let fields = probe.fields.map { Field($0.name, $0.value) }
      try Stream(Names.Stream.decisions).publish(fields, on: maker.connection)
      try Stream(Names.Stream.decisions).publish(fields, on: maker.connection)
      try route(router, maker.connection)
      let entries = try intents(maker.connection)
      #expect(entries.map { $0["probe"] } == ["1"])
      #expect(recorder.lines.map(\.message) == ["DUPLICATE_SKIP trace_id=p-1"])
    }
  }

  private func withRouter(_ body: (Router, DecisionMaker, LogRecorder) throws -> Void) throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let recorder = LogRecorder()
      let connection = try server.connect()
      try Router.group.ensure(on: connection)
      try body(Router(logger: recorder.logger()), DecisionMaker(connection: connection), recorder)
    }
  }

  /// Routes what is there and sees that nothing of it stays pending.
  private func route(_ router: Router, _ connection: Connection) throws {
    let entries = try Router.group.readNew(as: "test", limit: 1000, block: .milliseconds(1), on: connection)
    let outcomes = try router.route(entries.map { Delivery($0) }, on: connection)
    #expect(outcomes == entries.map { _ in .settled })
    #expect(try connection.ask(Router.group.pending).count == 0)
  }

  private func intents(_ connection: Connection) throws -> [Entry] {
    try connection.ask(Stream(Names.Stream.intents).range(limit: 1000))
  }

  private func letters(_ connection: Connection) throws -> [Entry] {
    try connection.ask(Stream(Names.Stream.deadLetters).range(limit: 1000))
  }
}
