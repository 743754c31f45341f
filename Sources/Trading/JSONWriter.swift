/// Writes the flat object of a payload, its members in the order in which they are added, so that the same message is
/// always the same text.
struct JSONWriter {
  /// UTF-8: a string that grows by pieces is looked at anew with each of them.
  private var bytes: [UInt8] = []

  init() {
    // Most payloads fit, and bytes that grow are copied at each doubling.
    bytes.reserveCapacity(320)
    bytes.append(UInt8(ascii: "{"))
  }

  /// The finished object.
  var object: String {
    String(decoding: bytes, as: UTF8.self) + "}"
  }

  mutating func add(_ name: String, _ value: String) {
    key(name)
    bytes.append(UInt8(ascii: "\""))
    if value.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
      for scalar in value.unicodeScalars { add(Self.escaped(scalar)) }
    } else {
      add(value)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// - Precondition: `value` is finite; JSON has nothing else.
  mutating func add(_ name: String, _ value: Double) {
    precondition(value.isFinite, "'\(name)' is not a finite number")
    key(name)
    add(value.shortText)
  }

  /// `null` where there is no value.
  mutating func add(_ name: String, _ value: Double?) {
    if let value { return add(name, value) }
    key(name)
    add("null")
  }

  mutating func add(_ name: String, _ value: Bool) {
    key(name)
    add(value ? "true" : "false")
  }

  mutating func add(_ name: String, _ value: Int) {
    key(name)
    add(String(value))
  }

  private mutating func key(_ name: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    add(name)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func add(_ text: String) {
    bytes.append(contentsOf: text.utf8)
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
