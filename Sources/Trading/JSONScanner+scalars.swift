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
