import Testing

@testable import Trading

@Suite struct DecisionTests {
  @Test func aDecisionIsReadWhole() throws {
    let decision = try Decision(try Samples.envelope(Samples.json(Samples.decision)))
    #expect(decision.symbol.name == "BTCUSDT")
    #expect(decision.side == .buy)
    #expect(decision.confidence == 0.87)
    #expect(decision.entryPrice == 64250.5)
    #expect(decision.quantity == 500)
    #expect(decision.leverage == 10)
    #expect(decision.stopLoss == 63000)
    #expect(decision.takeProfit == 67000.25)
    #expect(decision.timestamp.text == "2026-01-31T12:00:00.123456+00:00")
    #expect(decision.model == "xgb-1")
  }

  @Test(arguments: Samples.decision.keys.sorted())
  func aMissingFieldIsNamed(_ field: String) {
    let error = refusal(Samples.json(Samples.decision, field, nil))
    #expect(error?.hasPrefix("field '\(field)' is missing, should be ") == true)
  }

  @Test(arguments: [
    ("symbol", "\"btcusdt\"", "'btcusdt'"), ("symbol", "\"BTCUSD\"", "'BTCUSD'"), ("symbol", "\"ABUSDT\"", "'ABUSDT'"),
    ("symbol", "\"ABCDEFGHIJKUSDT\"", "'ABCDEFGHIJKUSDT'"), ("symbol", "7", "7"), ("side", "\"BUY\"", "'BUY'"),
    ("confidence", "1.01", "1.01"), ("confidence", "-0.1", "-0.1"), ("confidence", "\"0.5\"", "'0.5'"),
    ("entry_price", "0", "0"), ("entry_price", "1e999", "inf"), ("quantity", "0", "0"), ("quantity", "-5", "-5"),
    ("leverage", "0", "0"), ("leverage", "126", "126"), ("leverage", "2.5", "2.5"), ("stop_loss", "-1", "-1"),
    ("take_profit", "null", "null"), ("timestamp", "\"yesterday\"", "'yesterday'"), ("timestamp", "17", "17"),
    ("model", "[1]", "an array or an object"), ("model", "true", "true"),
  ])
  func aWrongFieldIsNamedWithWhatItIs(_ field: String, _ value: String, _ shown: String) {
    let error = refusal(Samples.json(Samples.decision, field, value))
    #expect(error?.hasPrefix("field '\(field)' is \(shown), should be ") == true)
  }

  @Test func theReasonStaysOnOneShortLine() throws {
    let text = String(repeating: "x", count: 500)
    let error = try #require(refusal(Samples.json(Samples.decision, "symbol", "\"a\\nb\(text)\"")))
    #expect(!error.contains("\n"))
    #expect(error.count < 200)
  }

  @Test func anIntentFollowsFromADecision() throws {
    let envelope = try Samples.envelope(Samples.json(Samples.decision, "side", "\"sell\""))
    let intent = Intent(try Decision(envelope), source: "router")
    #expect(
      intent.payload
        == #"{"symbol":"BTCUSDT","action":"SELL","confidence":0.87,"timestamp":"2026-01-31T12:00:00.123456+00:00","#
        + #""position_size_usd":500,"leverage":10,"entry_price":64250.5,"stop_loss":63000,"take_profit":67000.25,"#
        + #""source":"router"}"#)
    #expect(try Intent(try Samples.envelope(intent.payload)) == intent)
  }

  private func refusal(_ payload: String) -> String? {
    #expect(throws: MessageError.self) { try Decision(try Samples.envelope(payload)) }?.reason
  }
}
