import Testing

@testable import Trading

@Suite struct ProbeTests {
  @Test func aProbeIsADecisionAndBecomesAnIntent() throws {
    let envelope = try Probe.decision(traceID: "p-1", at: .now(), source: "test")
    let read = try Envelope(fields: envelope.fields)
    #expect(read.isProbe)
    let intent = Intent(try Decision(read), source: "router")
    #expect(intent.positionSizeUSD == 0)
    #expect(try Intent(try Samples.envelope(intent.payload, isProbe: true)) == intent)
  }

  @Test func aProbeWithoutItsMarkerIsMalformed() throws {
    let payload = try Probe.decision(traceID: "p-1", at: .now(), source: "test").payload
    #expect(throws: MessageError.self) { try Decision(try Samples.envelope(payload)) }
    let sized = payload.replacing("\"quantity\":0", with: "\"quantity\":5")
    let error = #expect(throws: MessageError.self) { try Decision(try Samples.envelope(sized)) }
    #expect(error?.reason == "field 'symbol' is 'PROBEUSDT', should be a market's; this one is for probes alone")
  }

  @Test func aMarkedOrderIsMalformed() throws {
    let payload = Samples.json(Samples.decision)
    #expect(throws: MessageError.self) { try Decision(try Samples.envelope(payload, isProbe: true)) }
    let sized = payload.replacing("BTCUSDT", with: Probe.symbol)
    let error = #expect(throws: MessageError.self) { try Decision(try Samples.envelope(sized, isProbe: true)) }
    #expect(error?.reason == "field 'quantity' is 500, should be 0 on a probe")
  }
}
