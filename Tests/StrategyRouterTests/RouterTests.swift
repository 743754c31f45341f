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
      let message = try OrderMessage(envelope.fields, as: .intent, entry: entry.id)
      guard case .order(let intent) = message.content else {
        Issue.record("no order: \(message.content)")
        return
      }
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

  @Test func whatNobodyReadsMayDiffer() throws {
    try withRouter { router, maker, recorder in
      try maker.write(DecisionMaker.payload(1), trace: "t-1")
      try maker.write(
        DecisionMaker.payload(1).replacing("\"model\": \"xgb\"", with: "\"test\": \"DUP\"").replacing(": ", with: ":"),
        trace: "t-1", changed: ["source": "another"])
      try route(router, maker.connection)
      #expect(try intents(maker.connection).count == 1)
      #expect(try letters(maker.connection).isEmpty)
      #expect(recorder.lines.map(\.message) == ["DUPLICATE_SKIP trace_id=t-1"])
    }
  }

  @Test func aTraceThatSaysSomethingElseIsSkippedAndTheConflictKept() throws {
    try withRouter { router, maker, recorder in
      try maker.write(DecisionMaker.payload(1), trace: "t-1")
      let id = try maker.write(
        DecisionMaker.payload(1).replacing("500.0", with: "600"), trace: "t-1")
      try route(router, maker.connection)
      #expect(try intents(maker.connection).count == 1)
      let letter = try #require(try letters(maker.connection).first)
      #expect(letter["id"] == id)
      #expect(letter["reason"]?.hasPrefix("conflict: ") == true)
      #expect(letter["reason"]?.contains("BTCUSDT 500 ") == true)
      #expect(letter["reason"]?.contains("BTCUSDT 600 ") == true)
      #expect(
        recorder.lines.map(\.message) == [
          "DUPLICATE_SKIP trace_id=t-1",
          "CONFLICT trace_id=t-1: position_size_usd was 500, is 600; the first one counts, this one is a dead letter",
        ])
      #expect(recorder.lines.last?.fields == ["TRACE_ID": "t-1", "QT_EVENT": "CONFLICT", "STREAM_ID": id])
    }
  }

  @Test func holdIsAcknowledgedAndLogged() throws {
    try withRouter { router, maker, recorder in
      try maker.write(DecisionMaker.payload(1, side: "hold"), trace: "t-1")
      try maker.write(DecisionMaker.payload(1, side: "HOLD"), trace: "t-1")
      try maker.write(DecisionMaker.payload(1), trace: "t-1")
      try route(router, maker.connection)
      #expect(try intents(maker.connection).isEmpty)
      #expect(
        recorder.lines.map(\.message).prefix(3) == [
          "HOLD | BTCUSDT | trace_id=t-1", "DUPLICATE_SKIP trace_id=t-1", "DUPLICATE_SKIP trace_id=t-1",
        ])
      #expect(recorder.lines("CONFLICT trace_id=t-1: action was HOLD, is BUY; ").count == 1)
    }
  }

  @Test func whatNoOrderCanBeMadeOfIsATerminalStateOnce() throws {
    try withRouter { router, maker, recorder in
      for _ in 1...2 {
        try maker.write(DecisionMaker.payload(1).replacing("500.0", with: "0"), trace: "t-1")
      }
      try route(router, maker.connection)
      #expect(try intents(maker.connection).isEmpty)
      #expect(try letters(maker.connection).isEmpty)
      let entries = try maker.connection.ask(Stream(Names.Stream.results).range(limit: 9))
      #expect(entries.count == 1)
      let envelope = try Envelope(fields: (entries[0].fields ?? []).map { ($0.name, $0.value) })
      let result = try OrderResult(envelope)
      #expect(envelope.traceID.text == "t-1")
      #expect(result.status == .rejected)
      #expect(result.reason == "no size: position_size_usd is needed")
      #expect(
        recorder.lines.map(\.message) == [
          "TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: no size: position_size_usd is needed | trace_id=t-1",
          "DUPLICATE_SKIP trace_id=t-1",
        ])
      #expect(try maker.connection.call(["HGET", "quantum:order:t-1", "terminal"]).string == "rejected")
    }
  }

  @Test(arguments: ["1", "1769860800000-0 015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"])
  func aKeyOfAnEarlierServiceIsARepetition(_ value: String) throws {
    try withRouter { router, maker, recorder in
      try maker.connection.call(["SET", "quantum:dedup:trade_intent:t-1", value])
      try maker.write(DecisionMaker.payload(1), trace: "t-1")
      try route(router, maker.connection)
      #expect(try intents(maker.connection).isEmpty)
      #expect(recorder.lines.map(\.message) == ["DUPLICATE_SKIP trace_id=t-1"])
    }
  }

  @Test(
    arguments: [
      (["payload": nil], "field 'side' is missing, should be one of buy, long, sell, short, close, hold"),
      (["payload": "{"], "payload is not JSON: it ends where a name in quotes should be"),
      (["payload": "{\"side\":\"buy\"}"], "field 'symbol' is missing, should be 2 to 20 capital letters and digits"),
      (["trace_id": "two words"], "field 'trace_id' is 'two words', should be at most 128 printable ASCII characters"),
      (["probe": "1"], "field 'symbol' is 'BTCUSDT', should be 'PROBEUSDT' on a probe"),
    ] as [([String: String?], String)])
  func whatCannotBeReadIsADeadLetterAndTheStreamGoesOn(_ changed: [String: String?], _ reason: String) throws {
    try withRouter { router, maker, recorder in
      let id = try maker.write(DecisionMaker.payload(1), trace: "t-1", changed: changed)
      try maker.write(DecisionMaker.payload(2), trace: "t-2")
      try route(router, maker.connection)
      let letter = try #require(try letters(maker.connection).first)
      #expect(letter["source"] == Names.Stream.decisions)
      #expect(letter["id"] == id)
      #expect(letter["reason"]?.hasPrefix(reason) == true)
      #expect(try intents(maker.connection).map { $0["trace_id"] } == ["t-2"])
      #expect(recorder.lines("DEAD LETTER \(id): \(reason)").count == 1)
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
