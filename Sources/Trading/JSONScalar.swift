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
    case .number(let number): number.shortText
    case .boolean(let flag): flag ? "true" : "false"
    case .null: "null"
    case .nested: "an array or an object"
    }
  }
}

extension Double {
  /// The shortest text that reads back as the same number, without `.0` behind a whole one; valid JSON when finite.
  var shortText: String {
    magnitude < 1e15 && self == rounded(.towardZero) ? String(Int64(self)) : description
  }
}
