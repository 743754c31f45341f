import Testing

@testable import Trading

@Suite struct IntentTests {
  @Test(arguments: Intent.Action.allCases)
  func everyActionIsReadAndWritten(_ action: Intent.Action) throws {
    let envelope = try Samples.envelope(Samples.json(Samples.intent, "action", "\"\(action.rawValue)\""))
    let intent = try Intent(envelope)
    #expect(intent.action == action)
    #expect(try Intent(try Samples.envelope(intent.payload)) == intent)
  }

  @Test(arguments: Samples.intent.keys.sorted())
  func aMissingFieldIsNamed(_ field: String) {
    let error = #expect(throws: MessageError.self) {
      try Intent(try Samples.envelope(Samples.json(Samples.intent, field, nil)))
    }
    #expect(error?.reason.hasPrefix("field '\(field)' is missing, should be ") == true)
  }

  @Test func theOrderKeyHoldsTheTimestampInFull() throws {
    let intent = try Intent(try Samples.envelope(Samples.json(Samples.intent)))
    let trace = try TraceID("t-1", payload: "")
    #expect(
      Names.Key.order(intent, of: trace, isProbe: false)
        == "quantum:dedup:order:BTCUSDT_2026-01-31T12:00:00.123456+00:00")
    #expect(Names.Key.tradeIntent(trace) == "quantum:dedup:trade_intent:t-1")
  }

  @Test func twoProbesOfOneMomentHaveOrderKeysOfTheirOwn() throws {
    let keys = try ["p-1", "p-2"].map { name in
      let envelope = try Probe.decision(traceID: name, at: Timestamp(seconds: 0, nanoseconds: 0), source: "test")
      let intent = Intent(try Decision(envelope), source: "router")
      return Names.Key.order(intent, of: envelope.traceID, isProbe: true)
    }
    #expect(Set(keys).count == 2)
    #expect(keys.allSatisfy { $0.hasPrefix("quantum:dedup:order:PROBEUSDT_1970-01-01T00:00:00.000000+00:00") })
  }
}
