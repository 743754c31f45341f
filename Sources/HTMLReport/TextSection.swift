/// What changed in files, and what was logged meanwhile.
enum TextSection {
  private static let bytes = 384 << 10

  // MARK: Changes

  static func changes(_ changes: TransactionStory.Changes) -> HTML {
    var html = remark(changes.remark)
    let (files, left) = Bounded.list(changes.files, most: 200, bytes: bytes, file)
    html += files
    if left > 0 { html += remark("\(left) more files are not shown.") }
    return html
  }

  private static func file(_ file: TransactionStory.Changes.File) -> HTML {
    let head = HTML.element("p", ["class": "mono"], .text(Bounded.text(file.sentence)))
    guard !file.lines.isEmpty else { return head }
    let (lines, left) = Bounded.list(file.lines, most: 400, bytes: 64 << 10) { line in
      .element("span", ["class": kind(line)], .text(Bounded.text(line, 500)))
    }
    let rest = left > 0 ? HTML.element("span", ["class": "hunk"], .text("… \(left) more lines")) : .none
    return head + .element("pre", [:], lines, rest)
  }

  private static func kind(_ line: String) -> String {
    if line.hasPrefix("+++ ") || line.hasPrefix("--- ") || line.hasPrefix("@@") { return "hunk" }
    return line.hasPrefix("+") ? "add" : line.hasPrefix("-") ? "del" : ""
  }

  // MARK: Journal

  static func journal(_ journal: TransactionStory.Journal, gaps: [String]) -> HTML {
    var html = remark(journal.remark)
    if !journal.lines.isEmpty {
      // The newest ones count: they say how it ended.
      let (lines, left) = newest(journal.lines)
      let rest = left > 0 ? HTML.element("span", ["class": "hunk"], .text("… \(left) earlier lines")) : .none
      html += .element("pre", [:], rest, lines)
    }
    for gap in gaps.prefix(10) { html += remark(Bounded.text(gap, 300)) }
    return html
  }

  private static func newest(_ all: [String]) -> (html: HTML, left: Int) {
    var (lines, size) = ([HTML](), 0)
    for line in all.reversed().prefix(1000) {
      let next = HTML.element("span", [:], .text(Bounded.text(line, 800)))
      size += next.bytes
      guard size <= bytes else { break }
      lines.append(next)
    }
    return (lines.reversed().joined, all.count - lines.count)
  }

  private static func remark(_ text: String) -> HTML {
    text.isEmpty ? .none : .element("p", ["class": "dim small"], .text(text))
  }
}
