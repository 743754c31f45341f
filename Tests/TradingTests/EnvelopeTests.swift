import Testing

@testable import Trading

@Suite struct EnvelopeTests {
  @Test func whatIsWrittenIsReadBack() throws {
    let envelope = try Samples.envelope("{\"a\":1}", isProbe: true)
    #expect(try Envelope(fields: envelope.fields) == envelope)
    #expect(
      envelope.fields.map(\.name) == [
        "event_type", "payload", "trace_id", "correlation_id", "timestamp", "source", "probe",
      ])
  }

  @Test(arguments: ["event_type", "payload", "correlation_id", "timestamp", "source"])
  func aMissingFieldIsNamed(_ field: String) {
    let error = #expect(throws: MessageError.self) { try Envelope(fields: Samples.fields([field: nil])) }
    #expect(error?.reason.hasPrefix("field '\(field)' is missing, should be a text") == true)
  }

  @Test(arguments: ["event_type", "payload"])
  func anEmptyFieldIsNamed(_ field: String) {
    let error = #expect(throws: MessageError.self) { try Envelope(fields: Samples.fields([field: ""])) }
    #expect(error?.reason == "field '\(field)' is empty, should be a text that is not empty")
  }

  @Test func aFieldSentTwiceIsRefused() {
    let error = #expect(throws: MessageError.self) {
      try Envelope(fields: Samples.fields() + [(name: "payload", value: "{}")])
    }
    #expect(error?.reason == "the entry has the field 'payload' twice")
  }

  @Test func fieldsOfOtherNamesArePassedOver() throws {
    #expect(throws: Never.self) { try Envelope(fields: Samples.fields(["shard": "7"])) }
  }

  @Test(arguments: ["", "true", "2"])
  func aMarkerThatNobodyKnowsIsRefused(_ marker: String) {
    let error = #expect(throws: MessageError.self) { try Envelope(fields: Samples.fields(["probe": marker])) }
    #expect(error?.reason == "field 'probe' is '\(marker)', should be '1' or not there at all")
  }

  @Test(arguments: [nil, "", "  ", "None", "null"] as [String?])
  func withoutATraceTheDigestOfThePayloadStandsIn(_ given: String?) throws {
    let one = try Envelope(fields: Samples.fields(["trace_id": given, "correlation_id": "x"], payload: "{\"a\":1}"))
    let again = try Envelope(fields: Samples.fields(["trace_id": given, "correlation_id": "y"], payload: "{\"a\":1}"))
    let other = try Envelope(fields: Samples.fields(["trace_id": given], payload: "{\"a\":2}"))
    // printf '{"a":1}' | sha256sum
    #expect(one.traceID.text == "sha256-015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862")
    #expect(one.traceID == again.traceID)
    #expect(one.traceID != other.traceID)
  }

  @Test(arguments: ["two words", "line\nbreak", "ü", String(repeating: "a", count: 129)])
  func aTraceThatWouldNotFitOnALogLineIsRefused(_ given: String) {
    let error = #expect(throws: MessageError.self) { try TraceID(given, payload: "") }
    #expect(error?.reason.contains("field 'trace_id' is ") == true)
    #expect(error?.reason.contains("\n") == false)
  }

  @Test func theClientOrderIDFollowsFromTheTraceAndFitsAnExchange() throws {
    let ids = try ["t-1", "t-1", "t-2"].map { try TraceID($0, payload: "").clientOrderID }
    #expect(ids[0] == ids[1])
    #expect(ids[0] != ids[2])
    #expect(ids.allSatisfy { $0.utf8.count == 35 })
  }
}
