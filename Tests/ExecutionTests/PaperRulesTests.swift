import Testing
import Trading

@testable import Execution

@Suite struct PaperRulesTests {
  private let rules = PaperRules()

  @Test func aSizeIsCutToWholeLots() throws {
    let market = try #require(PaperRules.markets["BTCUSDT"])
    #expect(rules.judge(try Sample.intent(size: 500, price: 50_000)) == .accepted(lots: 10, market))
    #expect(rules.judge(try Sample.intent(size: 549, price: 50_000)) == .accepted(lots: 10, market))
    // 0.3 / 0.1 is less than 3 in binary.
    let xrp = try #require(PaperRules.markets["XRPUSDT"])
    #expect(rules.judge(try Sample.intent("XRPUSDT", size: 9, price: 30)) == .accepted(lots: 3, xrp))
  }

  @Test(arguments: [
    ("NOPEUSDT", "BUY", 500, 1, 10, "unknown symbol: "), ("PROBEUSDT", "BUY", 0, 1, 1, "unknown symbol: "),
    ("AVAXUSDT", "BUY", 500, 30, 51, "leverage out of range: 51 is not within 1 to 50"),
    ("BTCUSDT", "BUY", 49, 50_000, 10, "lot size: "), ("BTCUSDT", "CLOSE", 49, 50_000, 10, "lot size: "),
    ("DOGEUSDT", "SELL", 4.9, 0.1, 10, "minimum notional: "),
  ])
  func whatAMarketDoesNotAllowIsRejected(
    _ symbol: String, _ action: String, _ size: Double, _ price: Double, _ leverage: Int, _ reason: String
  ) throws {
    let intent = try Sample.intent(
      symbol, action: action, size: size, price: price, leverage: leverage, isProbe: symbol == Probe.symbol)
    guard case .rejected(let given) = rules.judge(intent) else {
      Issue.record("was accepted")
      return
    }
    #expect(given.hasPrefix(reason))
  }

  @Test func whatEndsAPositionMayBeSmall() throws {
    let market = try #require(PaperRules.markets["DOGEUSDT"])
    let intent = try Sample.intent("DOGEUSDT", action: "CLOSE", size: 1, price: 0.1)
    #expect(rules.judge(intent) == .accepted(lots: 10, market))
  }
}
