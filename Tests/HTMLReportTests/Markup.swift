/// Reads a page as a strict reader would: every element that is opened is closed, and only known elements and attributes
/// are in it.
struct Markup {
  private static let elements: Set<String> = [
    "html", "head", "meta", "title", "style", "body", "header", "nav", "section", "footer", "h1", "h2", "h3", "p", "a",
    "b",
    "i", "code", "pre", "span", "div", "dl", "dt", "dd", "ul", "ol", "li", "details", "summary", "figure", "figcaption",
    "svg", "rect", "line", "path", "text",
  ]
  private static let attributes: Set<String> = [
    "charset", "name", "content", "http-equiv", "lang", "class", "id", "href", "open", "role", "aria-label",
    "aria-hidden",
    "x", "y", "x1", "x2", "y1", "y2", "rx", "width", "height", "viewBox", "preserveAspectRatio", "text-anchor", "d",
  ]

  /// What is wrong, in sentences.
  private(set) var faults: [String] = []
  /// The text of the page, entities read.
  private(set) var text = ""

  /// By bytes: a page has millions.
  init(_ page: String) {
    let bytes = Array(page.utf8)
    var open: [String] = []
    var plain: [UInt8] = []
    var place = 0
    func find(_ word: String, from start: Int) -> Int {
      let word = Array(word.utf8)
      var place = start
      while place + word.count <= bytes.count {
        if bytes[place] == word[0], bytes[place..<place + word.count].elementsEqual(word) { return place }
        place += 1
      }
      return bytes.count
    }
    while place < bytes.count {
      guard bytes[place] == UInt8(ascii: "<") else {
        plain.append(bytes[place])
        place += 1
        continue
      }
      if bytes[place...].starts(with: "<!--".utf8) {
        place = find("-->", from: place) + 3
        continue
      }
      let end = find(">", from: place)
      let tag = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
      place = end + 1
      if tag.hasPrefix("!DOCTYPE") { continue }
      if tag.hasPrefix("/") {
        if open.popLast() != String(tag.dropFirst()) { faults.append("'<\(tag)>' closes what is not open") }
        continue
      }
      let name = String(tag.prefix { $0 != " " })
      read(tag, named: name)
      if name != "meta" { open.append(name) }
      if name == "style" { place = find("</style>", from: place) }
    }
    text = Self.decoded(plain)
    if !open.isEmpty { faults.append("left open: \(open)") }
  }

  private mutating func read(_ tag: String, named name: String) {
    if !Self.elements.contains(name) { faults.append("the element '\(name)'") }
    // Name, value, and what is between them, in turn.
    for (index, part) in tag.dropFirst(name.count).split(separator: "\"", omittingEmptySubsequences: false).enumerated()
    {
      guard index % 2 == 0, !part.isEmpty else { continue }
      let attribute = part.dropFirst().dropLast()
      if !part.hasPrefix(" ") || !part.hasSuffix("=") || !Self.attributes.contains(String(attribute)) {
        faults.append("the attribute '\(part)'")
      }
    }
    guard let link = tag.firstRange(of: "href=\"") else { return }
    if !tag[link.upperBound...].hasPrefix("#") { faults.append("a link: \(tag)") }
  }

  private static func decoded(_ bytes: [UInt8]) -> String {
    let entities = [("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("#39;", "'"), ("amp;", "&")]
      .map { (Array($0.0.utf8), Array($0.1.utf8)) }
    var (result, place) = ([UInt8](), 0)
    while place < bytes.count {
      let rest = bytes[(place + 1)...]
      if bytes[place] == UInt8(ascii: "&"), let entity = entities.first(where: { rest.starts(with: $0.0) }) {
        result += entity.1
        place += entity.0.count + 1
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
