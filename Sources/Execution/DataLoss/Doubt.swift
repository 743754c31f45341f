internal import EventBus

/// What the exchange is asked about before an order is sent, since Redis may have lost it.
struct Doubt: Sendable, Hashable {
  /// Other orders, by their client order ids, that may have been sent up to a moment.
  struct Twins: Sendable, Hashable {
    let ids: [String]
    let sentBefore: Deadline
  }

  /// Until when the order itself may have been sent; nil where Redis and the record agree that it was never begun.
  var own: Deadline?
  /// What the record names of the same effect under other traces; nil when there is none. Redis keeps twins apart by
  /// the claim, which is what it may have lost.
  var twins: Twins?
  /// The action for which the record has the order; nil where it does not tell. Redis may have lost the state that holds
  /// another action under the trace against the first.
  var begunAs: String?
}

/// An order that is about to be begun.
struct OrderToCover {
  /// Its client order id.
  let id: String
  /// When its decision was made, in milliseconds since 1970; nil when that is not known.
  let made: Int64?
  /// The same number for twins; nil when nothing is known of it.
  var effect: UInt64?
  /// As `OrderSummary.action` has it.
  var action: Substring = ""
}

/// An order as the record has it.
struct RecordedOrder: Sendable, Hashable {
  /// Its client order id.
  let id: String
  var effect: UInt64?
  /// nil where it is not known.
  var action: RecordedAction?
}

/// What an order was begun for, as one letter: the action's first, and a small one where it may only make a position
/// smaller.
struct RecordedAction: Sendable, Hashable {
  let letter: UInt8

  private static let reducing = "(reduce_only)"

  /// nil when it is no such letter.
  init?(letter: UInt8) {
    guard Self.name(of: letter) != nil else { return nil }
    self.letter = letter
  }

  /// nil when it is no action of `OrderSummary`.
  init?(_ action: Substring) {
    guard let first = action.utf8.first else { return nil }
    letter = action.hasSuffix(Self.reducing) ? first | 0x20 : first
    guard Self.name(of: letter).map({ action == $0 }) == true else { return nil }
  }

  /// As `OrderSummary.action` has it.
  var action: String { Self.name(of: letter) ?? "" }

  private static func name(of letter: UInt8) -> String? {
    switch letter {
    case UInt8(ascii: "B"): "BUY"
    case UInt8(ascii: "S"): "SELL"
    case UInt8(ascii: "C"): "CLOSE"
    case UInt8(ascii: "b"): "BUY" + reducing
    case UInt8(ascii: "s"): "SELL" + reducing
    case UInt8(ascii: "c"): "CLOSE" + reducing
    default: nil
    }
  }
}

/// The orders of one segment by their effect. Nearly every effect has one, so the others are kept apart.
struct EffectIndex {
  private var first: [UInt64: UInt128] = [:]
  private var others: [UInt64: [UInt128]] = [:]

  mutating func insert(_ key: UInt128, effect: UInt64) {
    guard let known = first[effect] else { return first[effect] = key }
    if known != key, others[effect]?.contains(key) != true { others[effect, default: []].append(key) }
  }

  func keys(of effect: UInt64) -> [UInt128] {
    guard let key = first[effect] else { return [] }
    return [key] + (others[effect] ?? [])
  }

  /// The effect of each order.
  var effects: [UInt128: UInt64] {
    var found: [UInt128: UInt64] = [:]
    for (effect, key) in first { found[key] = effect }
    for (effect, keys) in others { for key in keys { found[key] = effect } }
    return found
  }

  /// A number for a name (FNV-1a), the same in every process.
  static func effect(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
