import Testing

@testable import Trading

@Suite struct ProbeTests {
  @Test func aProbeIsADecisionAndBecomesAnIntent() throws {
    let envelope = try Probe.decision(traceID: "p-1", at: .now(), source: "test")
    let message = try OrderMessage(envelope.fields, as: .decision, entry: "1-0")
    #expect(message.isProbe)
    let intent = try #require(message.intent)
    #expect(intent.positionSizeUSD == 0)
    let written = try Samples.envelope(intent.payload(source: "r"), isProbe: true)
    #expect(try OrderMessage(written.fields, as: .intent, entry: "1-0").intent == intent)
  }

  @Test func aProbeWithoutItsMarkerIsMalformed() throws {
    let payload = try Probe.decision(traceID: "p-1", at: .now(), source: "test").payload
    for text in [payload, payload.replacing("\"quantity\":0", with: "\"quantity\":5")] {
      let error = #expect(throws: MessageError.self) {
        try OrderMessage(try Samples.envelope(text).fields, as: .decision, entry: "1-0")
      }
      #expect(error?.reason == "field 'symbol' is 'PROBEUSDT', should be a market's; this one is for probes alone")
    }
  }

  @Test(arguments: [
    ("BTCUSDT", "500", "field 'symbol' is 'BTCUSDT', should be 'PROBEUSDT' on a probe"),
    (Probe.symbol, "500", "field 'quantity' is 500, should be 0 on a probe"),
    (Probe.symbol, "\"0\"", "field 'quantity' is '0', should be 0 on a probe"),
  ])
  func aProbeIsReadStrictly(_ symbol: String, _ quantity: String, _ reason: String) throws {
    let payload = Samples.json(Samples.decision.merging(["symbol": "\"\(symbol)\"", "quantity": quantity]) { $1 })
    let error = #expect(throws: MessageError.self) {
      try OrderMessage(try Samples.envelope(payload, isProbe: true).fields, as: .decision, entry: "1-0")
    }
    #expect(error?.reason == reason)
  }

  @Test(arguments: ["event_type", "payload", "correlation_id", "timestamp", "source"])
  func aProbeHasItsWholeEnvelope(_ field: String) throws {
    let fields = try Probe.decision(traceID: "p-1", at: .now(), source: "test").fields.filter { $0.name != field }
    #expect(throws: MessageError.self) { try OrderMessage(fields, as: .decision, entry: "1-0") }
  }
}
