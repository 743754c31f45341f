internal import Trading

/// What a market allows, and what the paper exchange charges.
public struct PaperRules: Sendable, Hashable {
  /// The rules of one market.
  public struct Market: Sendable, Hashable {
    /// The smallest step of a quantity, in units of the asset.
    public var lot: Double
    /// USD.
    public var minimumNotional: Double
    public var maximumLeverage: Int

    public init(lot: Double, minimumNotional: Double, maximumLeverage: Int) {
      self.lot = lot
      self.minimumNotional = minimumNotional
      self.maximumLeverage = maximumLeverage
    }
  }

  /// By symbol; no other can be traded.
  public var markets: [String: Market]
  /// USD, of a book that is opened.
  public var openingBalance: Double
  /// Of each fill's notional.
  public var feeRate: Double

  public init(
    markets: [String: Market] = Self.markets, openingBalance: Double = 100_000, feeRate: Double = 0.0004
  ) {
    self.markets = markets
    self.openingBalance = openingBalance
    self.feeRate = feeRate
  }

  /// The markets that the paper exchange knows.
  public static let markets: [String: Market] = [
    "BTCUSDT": Market(lot: 0.001, minimumNotional: 5, maximumLeverage: 125),
    "ETHUSDT": Market(lot: 0.001, minimumNotional: 5, maximumLeverage: 125),
    "BNBUSDT": Market(lot: 0.01, minimumNotional: 5, maximumLeverage: 75),
    "SOLUSDT": Market(lot: 0.01, minimumNotional: 5, maximumLeverage: 75),
    "XRPUSDT": Market(lot: 0.1, minimumNotional: 5, maximumLeverage: 75),
    "ADAUSDT": Market(lot: 1, minimumNotional: 5, maximumLeverage: 75),
    "DOGEUSDT": Market(lot: 1, minimumNotional: 5, maximumLeverage: 75),
    "AVAXUSDT": Market(lot: 0.1, minimumNotional: 5, maximumLeverage: 50),
    "DOTUSDT": Market(lot: 0.1, minimumNotional: 5, maximumLeverage: 50),
    "LINKUSDT": Market(lot: 0.01, minimumNotional: 5, maximumLeverage: 50),
    "LTCUSDT": Market(lot: 0.001, minimumNotional: 5, maximumLeverage: 50),
  ]

  /// What the rules say about an intent before the book is looked at.
  enum Judgement: Hashable {
    /// So many whole lots.
    case accepted(lots: Int, Market)
    case rejected(reason: String)
  }

  func judge(_ intent: Intent) -> Judgement {
    guard let market = markets[intent.symbol.name] else {
      return .rejected(reason: "unknown symbol: \(intent.symbol) is not traded here")
    }
    guard (1...market.maximumLeverage).contains(intent.leverage) else {
      return .rejected(reason: "leverage out of range: \(intent.leverage) is not within 1 to \(market.maximumLeverage)")
    }
    // A share of a lot that only rounding took away is not lost.
    let lots = (intent.positionSizeUSD / intent.entryPrice / market.lot * (1 + 1e-12)).rounded(.down)
    guard lots >= 1 else {
      return .rejected(reason: "lot size: \(intent.positionSizeUSD) USD buy less than \(market.lot) \(intent.symbol)")
    }
    guard lots <= 1e12 else { return .rejected(reason: "lot size: more than 1e12 lots of \(intent.symbol)") }
    let notional = lots * market.lot * intent.entryPrice
    // What ends a position may be of any size.
    guard intent.action == .close || notional >= market.minimumNotional else {
      return .rejected(reason: "minimum notional: \(notional) USD are less than \(market.minimumNotional)")
    }
    return .accepted(lots: Int(lots), market)
  }
}
