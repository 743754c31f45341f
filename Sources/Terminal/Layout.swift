internal import Glibc

/// How text is laid out: how wide it may be, and which characters may be in it.
package struct Layout: Sendable, Hashable {
  /// Columns; `nil`: as many as it takes, for whoever reads a pipe or a file.
  package var width: Int?
  /// Whether only ASCII may be shown, as in the locale `C`.
  package var isASCII: Bool

  package init(width: Int? = nil, isASCII: Bool = false) {
    self.width = width
    self.isASCII = isASCII
  }

  package var ellipsis: String { isASCII ? "..." : "…" }

  /// The text with the characters that may be shown; the same text where all of them may.
  package func shown(_ text: String) -> String {
    guard isASCII, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
    // Line by line: of thousands of them, a few may have other characters.
    return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      let line = Substring(line)
      guard !line.utf8.allSatisfy({ $0 < 0x80 }) else { return String(line) }
      return line.reduce(into: "") { result, character in
        result += character.isASCII ? String(character) : Self.substitutes[character] ?? "?"
      }
    }.joined(separator: "\n")
  }

  /// A text in so many columns, with an ellipsis in its middle where it is longer: of a path, a stamp or a release both
  /// ends matter.
  package func shortened(_ text: String, to width: Int) -> String {
    guard text.count > width else { return text }
    let room = max(0, width - ellipsis.count)
    guard room > 1 else { return String(text.prefix(max(0, width))) }
    return text.prefix((room + 1) / 2) + ellipsis + text.suffix(room / 2)
  }

  private static let substitutes: [Character: String] = [
    "…": "...", "→": "->", "–": "-", "—": "-", "·": "-", "×": "x", "•": "*", "‹": "<", "›": ">", "≥": ">=", "≤": "<=",
    "“": "\"", "”": "\"", "‘": "'", "’": "'",
  ]

  /// Whether the locale that these variables choose has no more than ASCII: `C`, `POSIX`, or none at all.
  ///
  /// - Parameter variable: the value of an environment variable.
  package static func isASCII(_ variable: (String) -> String?) -> Bool {
    let chosen = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? "C"
    let name = Array(chosen.lowercased().utf8)
    // By bytes, as every command asks: the search for a text in a text costs a start a quarter of a millisecond.
    return !["utf-8", "utf8"].contains { part in
      name.indices.contains { name[$0...].starts(with: part.utf8) }
    }
  }

  /// The columns for what is written to a file: `COLUMNS` where it is set, else those of the terminal, asked anew each
  /// time; `nil` for what is no terminal.
  ///
  /// - Parameter followsResize: whether the terminal counts before `COLUMNS`, for what is redrawn after a resize.
  package static func columns(of file: Int32, followsResize: Bool = false) -> Int? {
    let terminal = size(of: file).map(\.columns)
    if followsResize, let terminal { return terminal }
    if let text = getenv("COLUMNS").map({ String(cString: $0) }), let set = Int(text), set > 0 {
      return max(narrowest, set)
    }
    return terminal ?? (isatty(file) == 1 ? 80 : nil)
  }

  /// Columns and rows of a terminal; `nil` where it is none or does not tell.
  package static func size(of file: Int32) -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return (max(narrowest, Int(size.ws_col)), Int(size.ws_row))
  }

  /// Less than that is not laid out for.
  private static let narrowest = 20
}
