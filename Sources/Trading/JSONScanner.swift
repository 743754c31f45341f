/// Reads the object of a payload (RFC 8259), strictly: a member named twice, NaN and trailing text are errors.
///
/// It stands where a general decoder could, because the router reads one payload for each message at tens of thousands
/// a second, and because a dead letter wants to say which field is wrong (docs/decisions/0020).
struct JSONScanner {
  private static let deepest = 32

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
