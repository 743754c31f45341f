/// Words and facts on lines of a limited width.
package enum TextLines {
  /// The facts side by side, as many on a line as fit; one that is longer than a line is broken between its words.
  package static func flow(_ facts: [String], indent: String, width: Int, _ layout: Layout) -> [String] {
    var lines: [String] = []
    var line = ""
    func end() {
      if !line.isEmpty { lines.append(indent + line) }
      line = ""
    }
    for fact in facts {
      let longer = line.isEmpty ? fact : line + "   " + fact
      if indent.count + longer.count <= width {
        line = longer
        continue
      }
      end()
      if indent.count + fact.count <= width {
        line = fact
      } else {
        lines += wrapped(fact, indent: indent, width: width, layout)
      }
    }
    end()
    return lines
  }

  /// A text of several lines, each broken between its words where it is too long; what follows is set in as its line is.
  package static func broken(_ text: String, width: Int?, _ layout: Layout) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let margin = String(line.prefix { $0 == " " })
      return wrapped(String(line.dropFirst(margin.count)), first: margin, rest: margin, width: width, layout)
        .joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// A text broken between its words; what follows the first line is set in further. A word that is longer than a line is
  /// shortened in its middle.
  package static func wrapped(_ text: String, indent: String, width: Int?, _ layout: Layout) -> [String] {
    wrapped(text, first: indent, rest: indent + "  ", width: width, layout)
  }

  /// The same with what the first line and every other one begin with.
  package static func wrapped(
    _ text: String, first: String, rest: String, width: Int?, _ layout: Layout
  ) -> [String] {
    guard let width, first.count + text.count > width else { return [first + text] }
    var lines: [String] = []
    var line = first
    var isFresh = true
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      let longer = isFresh ? line + word : line + " " + word
      if longer.count <= width {
        line = longer
      } else {
        // A first word that fits only a line of its own gets one.
        let isMoved = isFresh && rest.count < first.count && rest.count + word.count <= width
        if !isFresh { lines.append(line) }
        if isMoved { lines.append(first) }
        let begun = lines.isEmpty ? first : rest
        line = begun + layout.shortened(String(word), to: max(4, width - begun.count))
      }
      isFresh = false
    }
    lines.append(line)
    return lines
  }
}
