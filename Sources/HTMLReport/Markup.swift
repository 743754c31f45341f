internal import Basics

/// HTML that is known to be well formed. Names of elements and attributes are the program's own; what others wrote gets in
/// only as text and as values of attributes, and both are escaped: no line of a log becomes markup.
package struct HTML: Sendable, Hashable {
  package private(set) var source: String

  private init(source: String) { self.source = source }

  package static let none = HTML(source: "")

  /// Text as it is shown: without what is secret in it, controls and marks of direction as their numbers, markup
  /// escaped.
  package static func text(_ text: String) -> HTML {
    HTML(source: escaped(Printable.text(Masking.secrets(in: text))))
  }

  /// Markup that the program itself holds.
  package static func fixed(_ source: StaticString) -> HTML { HTML(source: "\(source)") }

  /// - Parameter attributes: in their order; a value is text of any kind.
  package static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: HTML...
  ) -> HTML {
    let words = attributes.map { " \($0.key)=\"\(escaped(Printable.line(Masking.secrets(in: $0.value))))\"" }.joined()
    return HTML(source: "<\(name)\(words)>" + content.map(\.source).joined() + "</\(name)>")
  }

  package static func + (left: HTML, right: HTML) -> HTML { HTML(source: left.source + right.source) }
  package static func += (left: inout HTML, right: HTML) { left.source += right.source }

  package var isEmpty: Bool { source.isEmpty }
  /// Of its source.
  package var bytes: Int { source.utf8.count }

  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: isMarkup) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 64)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isMarkup(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
  }
}

extension Sequence<HTML> {
  package var joined: HTML { reduce(into: .none) { $0 += $1 } }
}

/// A list within bounds: what does not fit is counted, never dropped in silence.
package enum Bounded {
  /// The first items as HTML.
  ///
  /// - Parameters:
  ///   - most: items.
  ///   - bytes: of their HTML.
  /// - Returns: how many are left out, beside it.
  package static func list<Item>(
    _ items: some Collection<Item>, most: Int, bytes: Int, _ render: (Item) -> HTML
  ) -> (html: HTML, left: Int) {
    var (html, count) = (HTML.none, 0)
    for item in items.prefix(most) {
      let next = render(item)
      guard html.bytes + next.bytes <= bytes else { break }
      html += next
      count += 1
    }
    return (html, items.count - count)
  }

  /// A text of bounded length, cut at its end, but never within an address: half of a password is not masked.
  package static func text(_ text: String, _ most: Int = 1000) -> String {
    guard text.utf8.count > most else { return text }
    var start = String(text.unicodeScalars.prefix(most))
    let word = start.lastIndex(where: \.isWhitespace).map { start[$0...] } ?? start[...]
    if let scheme = word.firstRange(of: "://") { start = String(start[..<scheme.upperBound]) }
    return start + "…"
  }
}
