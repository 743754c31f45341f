import TestSupport

/// How badly the venue behaves: what it does to an order follows from the seed and the order's id alone.
struct FaultProfile: Sendable {
  /// What happens to the order itself.
  enum Fate: String, CaseIterable {
    /// Open for a while, then filled.
    case open
    /// Open for a while, then over without a fill.
    case dead
    /// Refused by a rule of the venue, and refused again whenever it comes.
    case rejected
  }

  /// What happens to the question or to the answer.
  enum Delivery: String, CaseIterable {
    /// The order is made and no answer comes.
    case silent
    /// The order is made and the answer comes when nobody waits for it any more.
    case late
    case twice
    /// The order is made and the connection closed.
    case drop
    /// The connection is closed and no order made.
    case lost
    /// The order is made when nobody waits for it any more, unless its deadline has passed.
    case slow
    /// Too many questions: no order made.
    case limited
    /// Called filled, without a quantity and a price.
    case vague
  }

  struct Unknown: Error, CustomStringConvertible {
    let description: String
  }

  private let seed: UInt64
  private let rates: [String: Double]

  /// - Parameter text: Such as `silent=0.01,open=0.1`; what is not named does not happen.
  init(seed: UInt64, _ text: String) throws {
    self.seed = seed
    let names = Fate.allCases.map(\.rawValue) + Delivery.allCases.map(\.rawValue)
    var rates: [String: Double] = [:]
    for part in text.split(separator: ",") {
      let words = part.split(separator: "=").map(String.init)
      guard words.count == 2, names.contains(words[0]), let rate = Double(words[1]) else {
        throw Unknown(description: "'\(part)' is not a fault; there are \(names.joined(separator: ", "))")
      }
      rates[words[0]] = rate
    }
    self.rates = rates
  }

  /// nil: filled at once.
  func fate(of id: String) -> Fate? {
    draw("fate \(id)")
  }

  /// nil: answered at once. Each attempt has its own.
  func delivery(of id: String, attempt: Int) -> Delivery? {
    draw("delivery \(attempt) \(id)")
  }

  private func draw<Case: RawRepresentable<String> & CaseIterable>(_ text: String) -> Case? {
    var generator = SeededGenerator(seed: seed, for: text)
    var left = generator.share()
    return Case.allCases.first { fault in
      left -= rates[fault.rawValue] ?? 0
      return left < 0
    }
  }
}
