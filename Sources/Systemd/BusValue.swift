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
