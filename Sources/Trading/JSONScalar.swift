internal import Glibc

/// The value of a member of a payload. What is inside an array or an object is read past, since no message has one.
enum JSONScalar: Sendable, Hashable {
  case text(String)
  case number(Double)
  case boolean(Bool)
  case null
  case nested

  /// The value in words, for an error's reason.
  var words: String {
    switch self {
    case .text(let text): text.quoted
    case .number(let number): number.isFinite ? number.plainText : "too large"
    case .boolean(let flag): flag ? "true" : "false"
    case .null: "null"
    case .nested: "an array or an object"
    }
  }

  /// Whether it stands for no value: `null`, and what Python's `str(None)` and an empty field make of it where
  /// everything is a text.
  var isNothing: Bool {
    switch self {
    case .null: true
    case .text(let text): text.isEmpty || text.utf8.count == 4 && ["none", "null"].contains(text.lowercased())
    default: false
    }
  }
}

extension Double {
  /// The shortest text that reads back as the same number, without `.0` behind a whole one; valid JSON when finite.
  var shortText: String {
    magnitude < 1e15 && self == rounded(.towardZero) ? String(Int64(self)) : description
  }

  /// The shortest text that reads back as the same number, as a person writes it: digits and a point, no exponent.
  package var plainText: String {
    let short = shortText
    guard let mark = short.firstIndex(where: { $0 == "e" || $0 == "E" }),
      let exponent = Int(short[short.index(after: mark)...])
    else { return short.hasSuffix(".0") ? String(short.dropLast(2)) : short }
    let mantissa = short[..<mark].split(separator: ".", omittingEmptySubsequences: false)
    let sign = mantissa[0].hasPrefix("-") ? "-" : ""
    var digits = mantissa[0].drop { $0 == "-" } + (mantissa.count > 1 ? mantissa[1] : "")
    let point = mantissa[0].utf8.count - sign.utf8.count + exponent
    while digits.hasSuffix("0"), digits.utf8.count > max(point, 1) { digits.removeLast() }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if point >= digits.utf8.count { return sign + digits + String(repeating: "0", count: point - digits.utf8.count) }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
  }

  /// As above, rounded to what a person would say: twelve digits, without what binary fractions leave behind them.
  package var roundedText: String {
    guard isFinite, self != 0 else { return shortText }
    let scale = pow(10, 11 - floor(log10(magnitude)))
    guard scale.isFinite, scale > 0 else { return plainText }
    let scaled = (self * scale).rounded()
    // Dividing by a whole power is exact where multiplying by a fraction is not.
    return (scale >= 1 ? scaled / scale : scaled * (1 / scale).rounded()).plainText
  }

  /// Reads a finite decimal number; nil for everything else that Swift would read, such as `inf`, `nan` and `0x10`.
  package init?(decimal text: String) {
    var bytes = text.utf8[...]
    func digits() -> Bool {
      let count = bytes.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
      bytes = bytes.dropFirst(count)
      return count > 0
    }
    if bytes.first == UInt8(ascii: "-") { bytes = bytes.dropFirst() }
    guard text.utf8.count <= 64, digits() else { return nil }
    if bytes.first == UInt8(ascii: ".") {
      bytes = bytes.dropFirst()
      guard digits() else { return nil }
    }
    if bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E") {
      bytes = bytes.dropFirst()
      if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
      guard digits() else { return nil }
    }
    guard bytes.isEmpty, let number = Double(text), number.isFinite else { return nil }
    self = number
  }
}
