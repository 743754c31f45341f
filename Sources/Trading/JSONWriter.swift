/// Writes the flat object of a payload, its members in the order in which they are added, so that the same message is
/// always the same text.
struct JSONWriter {
  private var text: String

  init() {
    text = "{"
    // Most payloads fit, and a text that grows is copied at each doubling.
    text.reserveCapacity(320)
  }

  /// The finished object.
  var object: String {
    var text = text
    text += "}"
    return text
  }

  mutating func add(_ name: String, _ value: String) {
    key(name)
    text += "\""
    if value.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
      for scalar in value.unicodeScalars { text += Self.escaped(scalar) }
    } else {
      text += value
    }
    text += "\""
  }

  /// - Precondition: `value` is finite; JSON has nothing else.
  mutating func add(_ name: String, _ value: Double) {
    precondition(value.isFinite, "'\(name)' is not a finite number")
    key(name)
    text += value.shortText
  }

  /// `null` where there is no value.
  mutating func add(_ name: String, _ value: Double?) {
    if let value { return add(name, value) }
    key(name)
    text += "null"
  }

  mutating func add(_ name: String, _ value: Bool) {
    key(name)
    text += value ? "true" : "false"
  }

  mutating func add(_ name: String, _ value: Int) {
    key(name)
    text += String(value)
  }

  private mutating func key(_ name: String) {
    if text.utf8.count > 1 { text += "," }
    text += "\""
    text += name
    text += "\":"
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{0}"..."\u{1F}":
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return String(scalar)
    }
  }
}
