import Testing

@testable import Trading

@Suite struct OrderResultTests {
  private let intent: Intent
  private let trace: TraceID
  private let now = Timestamp(seconds: 1_769_860_800, nanoseconds: 5000)

  init() throws {
    intent = try #require(try Samples.read(Samples.intent, as: .intent).intent)
    trace = try TraceID("t-1", payload: "")
  }

  @Test func aFillIsWrittenAndReadBack() throws {
    let result = try #require(
      OrderResult.filled(
        intent, orderID: "7", clientOrderID: "qt", quantity: 0.5, averagePrice: 64250.5, feeUSD: 0.2, at: now))
    #expect(try OrderResult(try Samples.envelope(result.payload)) == result)
    #expect(LogLine.terminalState(result, trace) == "TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=t-1")
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 1), (.nan, 1), (1, .infinity)] as [(Double, Double)])
  func aFillWithoutQuantityOrPriceIsNone(_ quantity: Double, _ price: Double) {
    let result = OrderResult.filled(
      intent, orderID: "7", clientOrderID: "qt", quantity: quantity, averagePrice: price, feeUSD: 0, at: now)
    #expect(result == nil)
  }

  @Test func aWrittenFillWithoutQuantityIsMalformed() throws {
    let result = OrderResult.rejected(intent, reason: "no", clientOrderID: "qt", at: now)
    let forged = result.payload.replacing("rejected", with: "filled")
    #expect(throws: MessageError.self) { try OrderResult(try Samples.envelope(forged)) }
  }

  @Test func aRefusalSaysWhyOnOneLine() throws {
    let result = OrderResult.rejected(intent, reason: "too\nsmall", clientOrderID: "qt", at: now)
    #expect(try OrderResult(try Samples.envelope(result.payload)) == result)
    #expect(
      LogLine.terminalState(result, trace)
        == "TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: too small | trace_id=t-1")
    #expect(LogLine.duplicateSkip(trace) == "DUPLICATE_SKIP trace_id=t-1")
  }

  @Test func aFailureSaysWhy() {
    let result = OrderResult.failed(intent, reason: "not sent", clientOrderID: "qt", at: now)
    #expect(
      LogLine.terminalState(result, trace)
        == "TERMINAL STATE: FAILED | BTCUSDT BUY | Reason: not sent | trace_id=t-1")
  }
}
