/// A decision or an intent as it was read, whoever wrote it (docs/bus.md has the table of what is understood).
///
/// What cannot be read throws; what can be read and not done is `rejected`, with a reason for the trader.
package struct OrderMessage: Sendable {
  /// What the stream it came from is for.
  package enum Kind: Sendable {
    case decision, intent
  }

  package enum Content: Sendable, Hashable {
    case order(Intent)
    /// The answer is to do nothing.
    case hold
    /// No order can be made of it; the intent names what was asked for.
    case rejected(Intent, reason: String)
  }

  package let traceID: TraceID
  package let correlationID: String
  package let isProbe: Bool
  package let content: Content
  package let summary: OrderSummary

  /// - Parameter id: The entry's, whose time stands in where a message has a trace and no timestamp.
  package init(
    _ fields: [(name: String, value: String)], as kind: Kind, entry id: String
  ) throws(MessageError) {
    let envelope = EnvelopeFields(fields)
    if try envelope.optional(Probe.field) != nil {
      let probe = try Envelope(fields: fields)
      let intent = try Probe.intent(probe, as: kind)
      content = .order(intent)
      summary = OrderSummary(intent, hasTimestamp: true)
      (traceID, correlationID, isProbe) = (probe.traceID, probe.correlationID, true)
      return
    }
    let given = try envelope.optional("trace_id")
    var reader = OrderReader(try MessageData(fields), kind)
    guard let action = try reader.action() else {
      let symbol = try? reader.data.symbol("symbol")
      summary = OrderSummary(hold: symbol, at: try? reader.data.timestamp("timestamp"))
      content = .hold
      traceID = try TraceID(given, payload: summary.text)
      correlationID = try envelope.optional("correlation_id") ?? ""
      isProbe = false
      return
    }
    let own = try reader.data.timestamp("timestamp")
    if own == nil, !TraceID.isGiven(given) {
      reader.reject("no timestamp and no trace_id: a repetition could not be told from a new order")
    }
    // Its own words come first; the envelope's would be a new one each time the same message is sent.
    let envelopeTime = try envelope.optional("timestamp")
    let moment = own ?? envelopeTime.flatMap { Timestamp($0) } ?? Timestamp(entry: id) ?? .now()
    let intent = try reader.intent(action, at: moment)
    try Probe.check(intent.symbol, isProbe: false)
    summary = OrderSummary(intent, hasTimestamp: own != nil)
    content = reader.rejection.map { .rejected(intent, reason: $0) } ?? .order(intent)
    traceID = try TraceID(given, payload: summary.text)
    correlationID = try envelope.optional("correlation_id") ?? ""
    isProbe = false
  }

  /// For people: the symbol, or `-` where a hold names none.
  package var symbolName: Substring {
    summary.text.split(separator: " ").dropFirst().first ?? "-"
  }
}

/// Reads the fields of an order one by one. What is wrong in a way that a trader understands is kept as the reason of a
/// rejection, the first one found; what is unintelligible throws.
private struct OrderReader {
  let data: MessageData
  private let kind: OrderMessage.Kind
  private(set) var rejection: String?

  init(_ data: MessageData, _ kind: OrderMessage.Kind) {
    self.data = data
    self.kind = kind
  }

  mutating func reject(_ reason: @autoclosure () -> String) {
    if rejection == nil { rejection = reason() }
  }

  /// nil is to hold.
  mutating func action() throws(MessageError) -> Intent.Action? {
    let (side, action) = (try word("side"), try word("action"))
    guard let first = side ?? action else { throw .missing("side", should: Word.words) }
    guard let side, let action, side != action else { return first.action }
    reject("side and action disagree: \(side.rawValue) and \(action.rawValue)")
    return action.action ?? side.action
  }

  private enum Word: String {
    case buy = "BUY"
    case sell = "SELL"
    case close = "CLOSE"
    case hold = "HOLD"

    static let words = "one of buy, long, sell, short, close, hold"

    init?(_ text: String) {
      // What most producers write needs no copy.
      switch text {
      case "buy", "BUY": self = .buy
      case "sell", "SELL": self = .sell
      default: self.init(lowercased: text.lowercased())
      }
    }

    private init?(lowercased text: String) {
      switch text {
      case "buy", "long": self = .buy
      case "sell", "short": self = .sell
      case "close": self = .close
      case "hold": self = .hold
      default: return nil
      }
    }

    var action: Intent.Action? { Intent.Action(rawValue: rawValue) }
  }

  private func word(_ name: String) throws(MessageError) -> Word? {
    guard let text = try data.text(name, should: Word.words) else { return nil }
    guard let word = Word(text) else { throw .wrong(name, is: text.quoted, should: Word.words) }
    return word
  }

  mutating func intent(_ action: Intent.Action, at timestamp: Timestamp) throws(MessageError) -> Intent {
    guard let symbol = try data.symbol("symbol") else { throw .missing("symbol", should: Symbol.words) }
    let price = try number("entry_price", "above 0") { $0 > 0 }
    let reduceOnly = try reduceOnly()
    let intent = Intent(
      symbol: symbol, action: action,
      confidence: try number("confidence", "from 0 to 1") { (0...1).contains($0) } ?? 0, timestamp: timestamp,
      positionSizeUSD: try size(at: price),
      leverage: try number("leverage", "a whole number from 1 to 125") {
        (1...125).contains($0) && $0 == $0.rounded()
      }.flatMap { Int(exactly: $0) } ?? 1,
      entryPrice: price, stopLoss: try number("stop_loss", "0 or above") { $0 >= 0 },
      takeProfit: try number("take_profit", "0 or above") { $0 >= 0 }, reduceOnly: reduceOnly)
    if rejection == nil, let fault = intent.misplacedExit(at: price) { reject(fault) }
    return intent
  }

  private mutating func number(
    _ name: String, _ range: String, where test: (Double) -> Bool
  ) throws(MessageError) -> Double? {
    let number = try data.number(name)
    if let number, !test(number) { reject("out of range: \(name) is \(number.plainText), should be \(range)") }
    return number
  }

  /// `reduceOnly` is the exchanges' own spelling, and `intent_type` is how the first user's harvester says it.
  private mutating func reduceOnly() throws(MessageError) -> Bool {
    let (one, other) = (try data.flag("reduce_only"), try data.flag("reduceOnly"))
    if let one, let other, one != other { reject("reduce_only and reduceOnly disagree") }
    if case .text(let type)? = data.value("intent_type"), type.lowercased() == "reduce_only" { return true }
    return one == true || other == true
  }

  /// USD; 0 where there is none that can be told.
  private mutating func size(at price: Double?) throws(MessageError) -> Double {
    // 0 is what producers write where they have none.
    if let usd = try number("position_size_usd", "above 0", where: { $0 >= 0 }), usd != 0 { return usd }
    let quantity = try data.number("quantity")
    // In a decision it is USD; in an intent nobody can tell what it is.
    if kind == .decision, let quantity, quantity != 0 {
      if quantity < 0 { reject("out of range: quantity is \(quantity.plainText), should be above 0") }
      return quantity
    }
    if let units = try number("qty", "above 0", where: { $0 >= 0 }), units != 0 {
      guard let price else {
        reject("no size: qty \(units.plainText) is in units, and there is no price to make USD of it")
        return 0
      }
      let usd = units * price
      if !usd.isFinite { reject("out of range: qty × entry_price is too large") }
      return usd.isFinite ? usd : 0
    }
    if let share = data.name(where: Self.isShare) {
      reject("no size: \(share) is a share, not an amount; position_size_usd is needed")
    } else if let quantity, quantity != 0 {
      reject("no size: quantity \(quantity.plainText) may be units or USD; position_size_usd is needed")
    } else {
      reject("no size: position_size_usd is needed")
    }
    return 0
  }

  /// Whether a field gives the size as a part of something.
  private static func isShare(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["size", "position", "quantity", "qty", "amount"].contains { name.contains($0) }
      && ["pct", "percent", "share", "fraction", "ratio"].contains { name.contains($0) }
  }
}

extension Timestamp {
  /// The time in an entry's id.
  package init?(entry id: String) {
    guard let milliseconds = Int64(id.prefix { $0 != "-" }), milliseconds >= 0 else { return nil }
    self.init(seconds: milliseconds / 1000, nanoseconds: Int(milliseconds % 1000) * 1_000_000)
  }
}
