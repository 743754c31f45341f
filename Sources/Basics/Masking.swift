/// What is secret in text of any kind.
package enum Masking {
  /// A text with `***` for the password of every address like `redis://user:password@host` in it.
  package static func passwords(in text: String) -> String {
    var result = ""
    var rest = text[...]
    while let scheme = rest.firstRange(of: "://") {
      result += rest[..<scheme.upperBound]
      rest = rest[scheme.upperBound...]
      // To the last '@' of the word: a password may hold one that is not written as a number.
      let word = rest.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" && $0 != "/" }
      guard let at = word.lastIndex(of: "@"), let colon = word[..<at].firstIndex(of: ":") else { continue }
      result += rest[...colon] + "***"
      rest = rest[at...]
    }
    return result + rest
  }
}
