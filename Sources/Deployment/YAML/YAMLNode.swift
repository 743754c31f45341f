/// One value of a YAML document: what is written and where, before anybody decides what it means.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    /// A scalar without its quotes and escapes. Only a plain one, without quotes, may be anything but text.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// In the order of the text; a key may occur twice.
    case mapping([(key: YAMLNode, value: YAMLNode)])
    /// `*name`; what it stands for is not looked up.
    case alias
  }

  /// What a value carries besides its content.
  enum Property: Sendable {
    /// `&name`
    case anchor
    /// `!name`, other than a tag that only says what the value's shape says.
    case tag
  }

  var content: Content
  /// The first character of the value, its anchor and tag included.
  var position: YAMLPosition
  var property: Property?
}

/// A place in a YAML text.
struct YAMLPosition: Sendable, Hashable {
  static let start = YAMLPosition(line: 1, column: 1)

  /// From 1.
  var line: Int
  /// From 1, counted in Unicode scalars.
  var column: Int

  mutating func advance(over scalar: Unicode.Scalar) {
    self = scalar == "\n" ? Self(line: line + 1, column: 1) : Self(line: line, column: column + 1)
  }
}

/// Why a text cannot be read as YAML, and where. Reading stops at the first error.
struct YAMLError: Error, Hashable {
  var position: YAMLPosition
  var message: String
}
