/// What is secret in text of any kind.
package enum Masking {
  /// A text with `***` for what it tells that is secret: the password of every address, and the value of whatever is
  /// called a password, a secret or a token, as in `DB_PASSWORD=…`, `?token=…` and `"password": "…"`.
  package static func secrets(in text: String) -> String { assigned(in: passwords(in: text)) }

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

  /// How the name of something secret ends, in small letters.
  private static let names = ["password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key"]
  private static let quotes: Set<Character> = ["\"", "'"]

  private static func assigned(in text: String) -> String {
    var result = ""
    var rest = text[...]
    while let mark = rest.firstIndex(where: { $0 == "=" || $0 == ":" }) {
      let (before, after) = (rest[..<mark], rest[rest.index(after: mark)...])
      guard let value = value(of: after, named: before, isPair: rest[mark] == ":") else {
        result += rest[...mark]
        rest = after
        continue
      }
      result += rest[..<value.lowerBound] + "***"
      rest = rest[value.upperBound...]
    }
    return result + rest
  }

  /// Where the secret lies in what follows a name and its mark; `nil` where it is none.
  ///
  /// - Parameter isPair: whether it is one of JSON, where both are in quotes.
  private static func value(of text: Substring, named before: Substring, isPair: Bool) -> Range<String.Index>? {
    var name = before
    if let last = name.last, quotes.contains(last) {
      name = name.dropLast()
      // JSON in JSON.
      if name.last == "\\" { name = name.dropLast() }
    } else if isPair {
      return nil
    }
    let ending = name.suffix(10).lowercased()
    guard names.contains(where: ending.hasSuffix) else { return nil }
    let value = isPair ? text.drop(while: { $0 == " " }) : text
    let start = value.drop { $0 == "\\" }
    if let quote = start.first, quotes.contains(quote) {
      let inside = start.dropFirst()
      let isEscaped = start.startIndex != value.startIndex
      let end = inside.indices.first { place in
        if isEscaped { return inside[place] == "\\" }
        return inside[place] == quote && (place == inside.startIndex || inside[inside.index(before: place)] != "\\")
      }
      return inside.startIndex..<(end ?? inside.endIndex)
    }
    let word = isPair ? "" : value.prefix { !$0.isWhitespace && !"&,;)\"'".contains($0) }
    return word.isEmpty ? nil : word.startIndex..<word.endIndex
  }
}
