/// The name of a market: 2 to 20 capital letters and digits. Whether one is traded is the exchange's question.
package struct Symbol: Sendable, Hashable, CustomStringConvertible {
  static let words = "2 to 20 capital letters and digits"

  package let name: String

  /// nil when `name` is no such name.
  package init?(_ name: String) {
    let isName = name.utf8.allSatisfy {
      UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
    }
    guard isName, (2...20).contains(name.utf8.count) else { return nil }
    self.name = name
  }

  package var description: String { name }
}

/// An order that is wanted: what a decision asks for, what the router writes and what execution carries out.
package struct Intent: Sendable, Hashable {
  package enum Action: String, Sendable, CaseIterable {
    case buy = "BUY"
    case sell = "SELL"
    /// Ends the position in the symbol, up to the size given; never opens one.
    case close = "CLOSE"
  }

  package var symbol: Symbol
  package var action: Action
  /// 0 to 1.
  package var confidence: Double
  /// The decision's own, in full.
  package var timestamp: Timestamp
  /// USD, above 0; 0 on a probe.
  package var positionSizeUSD: Double
  /// 1 to 125.
  package var leverage: Int
  /// USD, above 0; nil is a market order.
  package var entryPrice: Double?
  /// USD; nil or 0 sets none.
  package var stopLoss: Double?
  /// USD; nil or 0 sets none.
  package var takeProfit: Double?
  /// Whether it may only make a position smaller: a SELL one that is long, a BUY one that is short.
  package var reduceOnly = false

  /// The payload as JSON text, as the contract has it.
  ///
  /// - Parameter source: The program that asks for the order.
  package func payload(source: String) -> String {
    var json = JSONWriter()
    json.add("symbol", symbol.name)
    json.add("action", action.rawValue)
    json.add("confidence", confidence)
    json.add("timestamp", timestamp.iso.text)
    json.add("position_size_usd", positionSizeUSD)
    json.add("leverage", leverage)
    json.add("entry_price", entryPrice)
    json.add("stop_loss", stopLoss)
    json.add("take_profit", takeProfit)
    json.add("source", source)
    if reduceOnly { json.add("reduce_only", true) }
    return json.object
  }

  /// Why the stop or the target cannot be, held against a price; nil when they can.
  ///
  /// An order that ends a position has none of its own: what its producer sends along is the position's. So it is with a
  /// SELL whose stop and target are both those of a long position, which is how the first user's engine writes all of its
  /// own: nothing is known to be wrong with it. One of them alone is.
  package func misplacedExit(at price: Double?) -> String? {
    guard action != .close, !reduceOnly else { return nil }
    let stop = stopLoss.flatMap { $0 > 0 ? $0 : nil }
    let target = takeProfit.flatMap { $0 > 0 ? $0 : nil }
    let up = action == .buy
    if !up, let stop, let target, stop < target, price.map({ stop < $0 && $0 < target }) ?? true { return nil }
    func isWrong(_ low: Double?, _ high: Double?) -> Bool {
      guard let low, let high else { return false }
      return up ? low >= high : low <= high
    }
    if isWrong(stop, price), let stop, let price {
      return "stop_loss \(stop.plainText) is not \(up ? "below" : "above") the price \(price.plainText)"
    }
    if isWrong(price, target), let target, let price {
      return "take_profit \(target.plainText) is not \(up ? "above" : "below") the price \(price.plainText)"
    }
    if isWrong(stop, target), let stop, let target {
      return "stop_loss \(stop.plainText) is not \(up ? "below" : "above") take_profit \(target.plainText)"
    }
    return nil
  }
}
