/// Reads the object of a payload (RFC 8259), strictly: a member named twice, NaN and trailing text are errors.
///
/// It stands where a general decoder could, because the router reads one payload for each message at tens of thousands
/// a second, and because a dead letter wants to say which field is wrong (docs/decisions/0007).
struct JSONScanner {
  private static let deepest = 32
  /// Each member is held against all others, so their number has to end somewhere.
  private static let most = 1000

  let bytes: [UInt8]
  var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// The members of the object that the whole text is, in order.
  mutating func object() throws(MessageError) -> [(name: String, value: JSONScalar)] {
    var members: [(name: String, value: JSONScalar)] = []
    members.reserveCapacity(12)
    skipSpace()
    guard next() == UInt8(ascii: "{") else { throw failure("an object") }
    try list(closedBy: UInt8(ascii: "}")) { (scanner) throws(MessageError) in
      let name = try scanner.name()
      guard !members.contains(where: { $0.name == name }) else {
        throw MessageError("payload has the field \(name.quoted) twice")
      }
      guard members.count < Self.most else { throw MessageError("payload has more than \(Self.most) fields") }
      members.append((name, try scanner.value(depth: 1)))
    }
    skipSpace()
    guard position == bytes.count else { throw failure("the end of the text") }
    return members
  }

  /// Elements between commas up to `close`, the opening bracket being read.
  private mutating func list(
    closedBy close: UInt8, element: (inout JSONScanner) throws(MessageError) -> Void
  ) throws(MessageError) {
    skipSpace()
    if peek() == close {
      position += 1
      return
    }
    while true {
      skipSpace()
      try element(&self)
      skipSpace()
      switch next() {
      case UInt8(ascii: ","): continue
      case close: return
      default: throw failure("',' or '\(Character(Unicode.Scalar(close)))'")
      }
    }
  }

  private mutating func name() throws(MessageError) -> String {
    guard next() == UInt8(ascii: "\"") else { throw failure("a name in quotes") }
    let name = try string()
    skipSpace()
    guard next() == UInt8(ascii: ":") else { throw failure("':'") }
    skipSpace()
    return name
  }

  private mutating func value(depth: Int) throws(MessageError) -> JSONScalar {
    guard depth <= Self.deepest else { throw MessageError("payload is nested more than \(Self.deepest) deep") }
    switch peek() ?? 0 {
    case UInt8(ascii: "\""):
      position += 1
      return .text(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return .number(try number())
    case UInt8(ascii: "{"):
      position += 1
      try list(closedBy: UInt8(ascii: "}")) { (scanner) throws(MessageError) in
        _ = try scanner.name()
        _ = try scanner.value(depth: depth + 1)
      }
      return .nested
    case UInt8(ascii: "["):
      position += 1
      try list(closedBy: UInt8(ascii: "]")) { (scanner) throws(MessageError) in
        _ = try scanner.value(depth: depth + 1)
      }
      return .nested
    default:
      return try word()
    }
  }

  private mutating func word() throws(MessageError) -> JSONScalar {
    for (word, value) in Self.words where bytes[position...].starts(with: word) {
      position += word.count
      return value
    }
    position += 1
    throw failure("a value")
  }

  private static let words: [([UInt8], JSONScalar)] = [
    (Array("true".utf8), .boolean(true)), (Array("false".utf8), .boolean(false)), (Array("null".utf8), .null),
  ]

  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  func peek() -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  /// Moves on even at the end, so that `failure` names the place just read.
  mutating func next() -> UInt8? {
    defer { position += 1 }
    return peek()
  }

  /// What was expected at the byte read last.
  func failure(_ wanted: String) -> MessageError {
    let place = position - 1
    guard place < bytes.count else { return MessageError("payload is not JSON: it ends where \(wanted) should be") }
    let found = String(decoding: bytes[max(place, 0)...].prefix(12), as: UTF8.self)
    return MessageError("payload is not JSON: at byte \(place) is \(found.quoted), should be \(wanted)")
  }
}

extension JSONScanner {
  /// The string behind an opening quote, up to and with the closing one.
  mutating func string() throws(MessageError) -> String {
    let start = position
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes[start..<position - 1], as: UTF8.self)
      case UInt8(ascii: "\\"):
        position -= 1
        return try escapedString(from: start)
      case 0..<0x20: throw failure("a string without control characters")
      default: continue
      }
    }
    throw failure("the end of a string")
  }

  /// As above, for a string with escapes, the first of which is at `position`.
  private mutating func escapedString(from start: Int) throws(MessageError) -> String {
    var text = Array(bytes[start..<position])
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: UTF8.encode(try escape()).map { Array($0) } ?? [])
      case 0..<0x20: throw failure("a string without control characters")
      default: text.append(byte)
      }
    }
    throw failure("the end of a string")
  }

  private mutating func escape() throws(MessageError) -> Unicode.Scalar {
    switch next() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure("an escape that JSON knows")
    }
  }

  private mutating func unicodeEscape() throws(MessageError) -> Unicode.Scalar {
    let unit = try hexUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard UTF16.isLeadSurrogate(unit), next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u") else {
      throw failure("a whole pair of surrogates")
    }
    let second = try hexUnit()
    guard UTF16.isTrailSurrogate(second),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    else { throw failure("a whole pair of surrogates") }
    return scalar
  }

  private mutating func hexUnit() throws(MessageError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw failure("four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// A number in the grammar of JSON; one too large for a Double becomes infinite, which no field takes.
  mutating func number() throws(MessageError) -> Double {
    let start = position
    if peek() == UInt8(ascii: "-") { position += 1 }
    if peek() == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits()
    }
    if peek() == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw failure("a number")
    }
    return number
  }

  private mutating func digits() throws(MessageError) {
    let start = position
    while let byte = peek(), UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
    guard position > start else {
      position += 1
      throw failure("a digit")
    }
  }
}
