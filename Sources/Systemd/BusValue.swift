/// A value as D-Bus carries it. Dictionaries are arrays of structures of two.
enum BusValue: Sendable, Hashable {
  case string(String)
  case bool(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case double(Double)
  case array([BusValue])
  case structure([BusValue])

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// Any integer that fits.
  func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
    switch self {
    case .signed(let number): Number(exactly: number)
    case .unsigned(let number): Number(exactly: number)
    default: nil
    }
  }

  /// The elements of an array or a structure.
  var elements: [BusValue]? {
    switch self {
    case .array(let elements), .structure(let elements): elements
    default: nil
    }
  }

  var strings: [String]? { elements?.compactMap(\.string) }
}

/// The type codes of the D-Bus specification that are used here.
enum BusType {
  static let byte = code("y")
  static let bool = code("b")
  static let int16 = code("n")
  static let uint16 = code("q")
  static let int32 = code("i")
  static let uint32 = code("u")
  static let int64 = code("x")
  static let uint64 = code("t")
  static let double = code("d")
  static let string = code("s")
  static let objectPath = code("o")
  static let signature = code("g")
  static let array = code("a")
  static let variant = code("v")
  static let structure = code("r")
  static let dictionaryEntry = code("e")

  private static func code(_ letter: Unicode.Scalar) -> CChar { CChar(truncatingIfNeeded: letter.value) }
}

extension ContinuousClock.Instant {
  /// How long until then; zero when it has passed.
  var remaining: Duration { Swift.max(ContinuousClock.now.duration(to: self), .zero) }
}

extension Duration {
  /// In whole microseconds, rounded up, so that nothing is asked again just before it is due. At least 1, since sd-bus
  /// takes 0 for its default, and never the greatest, which it takes for no limit.
  var busMicroseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds < 1_000_000_000 else { return 1_000_000_000_000_000 }
    return UInt64(Swift.max(seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000, 1))
  }
}
