/// What was read of a message, as one short text that is the same for the same order however it was written: it tells a
/// repetition from a conflict, and stands in the keys that remember a trace.
package struct OrderSummary: Sendable, Hashable {
  /// The fields in their order, one space between them; `-` where there is nothing.
  package let text: String

  private static let names = [
    "action", "symbol", "position_size_usd", "entry_price", "stop_loss", "take_profit", "leverage", "timestamp",
    "confidence",
  ]

  /// - Parameter hasTimestamp: Whether the message has one of its own; one that was given to it is none.
  init(_ intent: Intent, hasTimestamp: Bool) {
    // Not a string that grows, which is looked at anew with each piece.
    var text: [UInt8] = []
    text.reserveCapacity(120)
    text.append(contentsOf: intent.action.rawValue.utf8)
    if intent.reduceOnly { text.append(contentsOf: Self.reducing.utf8) }
    func add(_ word: String) {
      text.append(UInt8(ascii: " "))
      text.append(contentsOf: word.utf8)
    }
    func add(_ number: Double?) {
      add(number.flatMap { $0 == 0 ? nil : $0.shortText } ?? "-")
    }
    add(intent.symbol.name)
    add(intent.positionSizeUSD)
    add(intent.entryPrice)
    add(intent.stopLoss)
    add(intent.takeProfit)
    add(String(intent.leverage))
    add(hasTimestamp ? intent.timestamp.number : "-")
    add(intent.confidence)
    self.text = String(decoding: text, as: UTF8.self)
  }

  /// Of an answer that asks for no order.
  init(hold symbol: Symbol?, at timestamp: Timestamp?) {
    text = "HOLD \(symbol?.name ?? "-") - - - - - \(timestamp?.number ?? "-") -"
  }

  package init(text: String) {
    self.text = text
  }

  /// What is asked for, such as `BUY`; a `BUY` that may only make a position smaller is another thing than one that may
  /// open one.
  package var action: Substring { text.prefix { $0 != " " } }

  private static let reducing = "(reduce_only)"

  /// All but the confidence, which no order depends on: what execution keeps with the state of an order. Redis stores a
  /// hash whose values are at most 64 bytes in a fraction of the memory.
  package var order: String {
    text.lastIndex(of: " ").map { String(text[..<$0]) } ?? text
  }

  /// What differs between a first message and this one, with both values; empty where nothing does, as far as the first one
  /// is known.
  package func difference(from first: OrderSummary) -> String {
    let (old, new) = (first.text.split(separator: " "), text.split(separator: " "))
    guard old.count >= Self.names.count - 1, new.count == Self.names.count else {
      return "the message was \(first.text.quoted), is \(text.quoted)"
    }
    func shown(_ name: String, _ value: Substring) -> String {
      name == "timestamp" ? Timestamp(String(value))?.moment ?? String(value) : String(value)
    }
    let parts = zip(Self.names, zip(old, new)).filter { $1.0 != $1.1 }.map { name, values in
      "\(name) was \(shown(name, values.0)), is \(shown(name, values.1))"
    }
    return parts.joined(separator: "; ")
  }
}
