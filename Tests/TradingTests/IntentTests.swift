import Testing

@testable import Trading

@Suite struct IntentTests {
  @Test(arguments: Intent.Action.allCases)
  func everyActionIsReadAndWritten(_ action: Intent.Action) throws {
    let intent = try #require(
      try Samples.read(
        Samples.intent.merging(["action": "\"\(action.rawValue)\""]) { $1 }, as: .intent
      ).intent)
    #expect(intent.action == action)
    let again = try OrderMessage([(name: "payload", value: intent.payload(source: "r"))], as: .intent, entry: "1-0")
    #expect(again.intent == intent)
  }

  @Test func theOrderKeyHoldsTheTimestampInFull() throws {
    let intent = try #require(try Samples.read(Samples.intent, as: .intent).intent)
    let trace = try TraceID("t-1", payload: "")
    let keys = Names.Key.orders(intent, of: trace, isProbe: false)
    #expect(keys.own == "quantum:dedup:order:BTCUSDT_2026-01-31T12:00:00.123456+00:00")
    // What our own services write is one key.
    #expect(keys.shared == keys.own)
    #expect(keys.other == "quantum:dedup:order:BTCUSDT_1769860800.123456")
    #expect(Names.Key.tradeIntent(trace) == "quantum:dedup:trade_intent:t-1")
  }

  @Test func twoProbesOfOneMomentHaveOrderKeysOfTheirOwn() throws {
    let keys = try ["p-1", "p-2"].map { name in
      let probe = try Probe.decision(traceID: name, at: Timestamp(seconds: 0, nanoseconds: 0), source: "test")
      let message = try OrderMessage(probe.fields, as: .decision, entry: "1-0")
      return Names.Key.orders(try #require(message.intent), of: message.traceID, isProbe: true).own
    }
    #expect(Set(keys).count == 2)
    #expect(keys.allSatisfy { $0.hasPrefix("quantum:dedup:order:PROBEUSDT_1970-01-01T00:00:00.000000+00:00") })
  }

  @Test(
    arguments: [
      (500, "500"), (0.0000123, "0.0000123"), (1e-7, "0.0000001"), (-1.5e-9, "-0.0000000015"),
      (1e20, "100000000000000000000"),
      (1.25e16, "12500000000000000"), (64250.5, "64250.5"), (0, "0"), (12345678.9e10, "123456789000000000"),
    ] as [(Double, String)])
  func aNumberIsPrintedAsPeopleWriteIt(_ number: Double, _ text: String) {
    #expect(number.plainText == text)
    #expect(Double(text) == number)
    #expect(Double(decimal: text) == number)
  }

  @Test func whatBinaryFractionsLeaveBehindIsNotPrinted() {
    #expect((0.1 + 0.2).roundedText == "0.3")
    #expect((49 * 0.1).roundedText == "4.9")
    #expect(1_234_567.891.roundedText == "1234567.891")
    #expect(1.23e-7.roundedText == "0.000000123")
    #expect(2.5e15.roundedText == "2500000000000000")
  }
}
