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
}

/// An order that is about to be begun.
struct OrderToCover {
  /// Its client order id.
  let id: String
  /// When its decision was made, in milliseconds since 1970; nil when that is not known.
  let made: Int64?
  /// The same number for twins; nil when nothing is known of it.
  var effect: UInt64?
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
