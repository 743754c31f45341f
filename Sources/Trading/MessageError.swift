/// Why an entry is not the message it should be: which field, what it is and what it should be.
///
/// The text goes into the dead-letter stream, so it is one line and quotes at most a short piece of what was sent.
package struct MessageError: Error, Sendable, Hashable, CustomStringConvertible {
  package let reason: String

  package init(_ reason: String) {
    self.reason = reason
  }

  package var description: String { reason }

  static func missing(_ field: String, should: String) -> MessageError {
    MessageError("field '\(field)' is missing, should be \(should)")
  }

  static func wrong(_ field: String, is value: String, should: String) -> MessageError {
    MessageError("field '\(field)' is \(value), should be \(should)")
  }
}

extension String {
  /// The text in quotes on one line, shortened, for an error's reason.
  var quoted: String {
    let most = 60
    let shown = prefix(most).unicodeScalars.map { $0.isPrintable ? String($0) : "?" }.joined()
    return "'\(shown)\(utf8.count > shown.utf8.count && count > most ? "…" : "")'"
  }

  /// The text with every control character and line break turned into a space, so that it fits on one log line.
  var onOneLine: String {
    unicodeScalars.allSatisfy(\.isPrintable)
      ? self : String(String.UnicodeScalarView(unicodeScalars.map { $0.isPrintable ? $0 : " " }))
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
    default: true
    }
  }
}
