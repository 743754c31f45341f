/// What was measured of several contenders in the same rounds.
package struct Figure: Codable, Sendable, Hashable {
  /// One of those that were measured.
  package struct Contender: Codable, Sendable, Hashable {
    package var name: String
    /// One a round, in the figure's unit.
    package var samples: [Double]
    /// What it worked on, where a figure shows growth.
    package var size: Double?
    /// Which of several quantities of the same contender this is, such as `p99`; only those of one are compared.
    package var part: String?

    package init(name: String, samples: [Double], size: Double? = nil, part: String? = nil) {
      (self.name, self.samples, self.size, self.part) = (name, samples, size, part)
    }

    package var median: Double? { Statistics.median(samples) }
  }

  package var title: String
  package var unit: String
  /// The first, of each part, is the one by whose median the others' are divided.
  package var contenders: [Contender]
  package var bars: [Bar]

  package init(title: String, unit: String, contenders: [Contender], bars: [Bar]) {
    (self.title, self.unit, self.contenders, self.bars) = (title, unit, contenders, bars)
  }

  /// The median of a contender; nil where it was not measured.
  package func median(of name: String) -> Double? { contenders.first { $0.name == name }?.median }

  /// The exponent with which the medians grow with the sizes.
  package var exponent: Double? {
    let sized = contenders.filter { $0.size != nil && $0.median != nil }
    return Statistics.exponent(sizes: sized.compactMap(\.size), values: sized.compactMap(\.median))
  }

  /// What a bar is about; nil where it was not measured.
  package func value(of bar: Bar) -> Double? {
    switch bar.quantity {
    case .median(let name): return median(of: name)
    case .ratio(let over, let under):
      guard let over = median(of: over), let under = median(of: under), under > 0 else { return nil }
      return over / under
    case .difference(let more, let less):
      guard let more = median(of: more), let less = median(of: less) else { return nil }
      return more - less
    case .exponent: return exponent
    }
  }
}

/// What a figure is to reach.
package struct Bar: Codable, Sendable, Hashable {
  package enum Quantity: Codable, Sendable, Hashable {
    /// Of one contender, in the figure's unit.
    case median(String)
    /// The median of one by that of another.
    case ratio(String, to: String)
    /// What the median of one is above that of another, in the figure's unit.
    case difference(String, to: String)
    case exponent
  }

  package var quantity: Quantity
  package var limit: Double
  /// Whether the limit is the most that is allowed, and not the least that is asked for.
  package var isMost: Bool

  package static func most(_ limit: Double, _ quantity: Quantity) -> Bar {
    Bar(quantity: quantity, limit: limit, isMost: true)
  }

  package static func least(_ limit: Double, _ quantity: Quantity) -> Bar {
    Bar(quantity: quantity, limit: limit, isMost: false)
  }

  package func isMet(by value: Double) -> Bool { isMost ? value <= limit : value >= limit }
}
