import TestSupport
import Testing
import Trading

@testable import Execution

@Suite struct PaperRulesTests {
  private let rules = PaperRules()

  private func judge(_ intent: Intent) -> PaperRules.Judgement {
    rules.judge(intent, at: intent.entryPrice)
  }

  @Test func aSizeIsCutToWholeLots() throws {
    let market = try #require(PaperMarkets.standard["BTCUSDT"])
    #expect(judge(try Sample.intent(size: 500, price: 50_000)) == .accepted(lots: 10, market))
    #expect(judge(try Sample.intent(size: 549, price: 50_000)) == .accepted(lots: 10, market))
    // 0.3 / 0.1 is less than 3 in binary.
    let xrp = try #require(PaperMarkets.standard["XRPUSDT"])
    #expect(judge(try Sample.intent("XRPUSDT", size: 9, price: 30)) == .accepted(lots: 3, xrp))
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
    guard case .rejected(let given) = judge(intent) else {
      Issue.record("was accepted")
      return
    }
    #expect(given.hasPrefix(reason))
  }

  @Test func theReasonPrintsNumbersAsPeopleWriteThem() throws {
    let small = judge(try Sample.intent("DOGEUSDT", size: 4.9, price: 0.1))
    #expect(small == .rejected(reason: "minimum notional: 4.9 USD are less than 5"))
    let tiny = judge(try Sample.intent("1000PEPEUSDT", size: 0.0000123, price: 0.0123))
    #expect(tiny == .rejected(reason: "lot size: 0.0000123 USD buy less than 1 1000PEPEUSDT"))
  }

  @Test func aMarketOrderIsHeldAgainstTheMarket() throws {
    var intent = try Sample.intent()
    intent.entryPrice = nil
    intent.takeProfit = 2
    guard case .rejected(let reason) = rules.judge(intent, at: nil) else {
      Issue.record("was accepted")
      return
    }
    #expect(reason.hasPrefix("no market price: "))
    let misplaced = rules.judge(intent, at: 50_000)
    #expect(misplaced == .rejected(reason: "take_profit 2 is not above the price 50000"))
  }

  @Test func theListHasTheMostTradedFifty() {
    #expect(PaperMarkets.standard.count >= 50)
    for symbol in ["BTCUSDT", "OPUSDT", "1000PEPEUSDT", "HYPEUSDT"] { #expect(PaperMarkets.standard[symbol] != nil) }
  }

  @Test func marketsAreReadFromAFile() async throws {
    try await TemporaryFolder.with { folder in
      let path = folder.path + "/markets"
      _ = try folder.write("# mine\n\nIDEMPTEST 0.5 1 3  # a comment\n", to: "markets")
      let market = PaperRules.Market(lot: 0.5, minimumNotional: 1, maximumLeverage: 3)
      #expect(try PaperMarkets.read(path) == ["IDEMPTEST": market])
      for (text, fault) in [
        ("x 1 1 1", "line 1 is no market"), ("AB 1 1 1\nAB 1 1 1", "line 2 has AB a second time"),
        ("", "has no market"),
        ("AB nan 1 1", "line 1"), ("AB 1 1 200", "line 1"),
      ] {
        _ = try folder.write(text, to: "markets")
        let error = #expect(throws: PaperMarkets.Fault.self) { try PaperMarkets.read(path) }
        #expect(error?.description.contains(fault) == true)
      }
      #expect(throws: PaperMarkets.Fault.self) { try PaperMarkets.read("/nonexistent") }
    }
  }

  @Test func whatEndsAPositionMayBeSmall() throws {
    let market = try #require(PaperMarkets.standard["DOGEUSDT"])
    let intent = try Sample.intent("DOGEUSDT", action: "CLOSE", size: 1, price: 0.1)
    #expect(judge(intent) == .accepted(lots: 10, market))
  }
}
