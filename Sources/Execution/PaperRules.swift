internal import Trading

/// What a market allows, and what the paper exchange charges.
package struct PaperRules: Sendable, Hashable {
  /// The rules of one market.
  package struct Market: Sendable, Hashable {
    /// The smallest step of a quantity, in units of the asset.
    package var lot: Double
    /// USD.
    package var minimumNotional: Double
    package var maximumLeverage: Int

    package init(lot: Double, minimumNotional: Double, maximumLeverage: Int) {
      self.lot = lot
      self.minimumNotional = minimumNotional
      self.maximumLeverage = maximumLeverage
    }
  }

  /// By symbol; no other can be traded.
  package var markets: [String: Market]
  /// USD, of a book that is opened.
  package var openingBalance: Double
  /// Of each fill's notional.
  package var feeRate: Double

  package init(
    markets: [String: Market] = PaperMarkets.standard, openingBalance: Double = 100_000, feeRate: Double = 0.0004
  ) {
    self.markets = markets
    self.openingBalance = openingBalance
    self.feeRate = feeRate
  }

  /// What the rules say about an intent before the book is looked at.
  enum Judgement: Hashable {
    /// So many whole lots.
    case accepted(lots: Int, Market)
    case rejected(reason: String)
  }

  /// - Parameter price: At which it would be filled; nil where there is none.
  func judge(_ intent: Intent, at price: Double?) -> Judgement {
    guard let market = markets[intent.symbol.name] else {
      return .rejected(reason: "unknown symbol: \(intent.symbol) is not traded here")
    }
    guard let price else {
      return .rejected(reason: "no market price: nothing in \(intent.symbol) was traded yet, give an entry_price")
    }
    if let fault = intent.misplacedExit(at: price) { return .rejected(reason: fault) }
    guard (1...market.maximumLeverage).contains(intent.leverage) else {
      return .rejected(reason: "leverage out of range: \(intent.leverage) is not within 1 to \(market.maximumLeverage)")
    }
    // A share of a lot that only rounding took away is not lost.
    let lots = (intent.positionSizeUSD / price / market.lot * (1 + 1e-12)).rounded(.down)
    guard lots >= 1 else {
      return .rejected(
        reason: "lot size: \(intent.positionSizeUSD.roundedText) USD buy less than \(market.lot.plainText) "
          + "\(intent.symbol)")
    }
    guard lots <= 1e12 else { return .rejected(reason: "lot size: more than 1000000000000 lots of \(intent.symbol)") }
    let notional = lots * market.lot * price
    // What ends a position may be of any size.
    guard intent.action == .close || intent.reduceOnly || notional >= market.minimumNotional else {
      return .rejected(
        reason: "minimum notional: \(notional.roundedText) USD are less than \(market.minimumNotional.plainText)")
    }
    return .accepted(lots: Int(lots), market)
  }
}
