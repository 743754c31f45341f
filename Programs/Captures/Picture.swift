import FileOperations

/// What a terminal shows, with its colours.
struct Picture {
  /// A piece of a line in one style.
  struct Piece {
    var text: String
    var style: String
  }

  private(set) var lines: [[Piece]] = []
  let columns: Int

  /// - Parameter screen: lines with the escape sequences of styles, and no others.
  init(_ screen: String, columns: Int) {
    self.columns = columns
    var style = ""
    for line in screen.split(separator: "\n", omittingEmptySubsequences: false) {
      var pieces: [Piece] = []
      for (number, part) in line.split(separator: "\u{1B}[", omittingEmptySubsequences: false).enumerated() {
        guard number > 0, let end = part.firstIndex(of: "m") else {
          if !part.isEmpty { pieces.append(Piece(text: String(part), style: style)) }
          continue
        }
        for code in part[..<end].split(separator: ";", omittingEmptySubsequences: false) {
          style = Self.style(code, style)
        }
        let text = part[part.index(after: end)...]
        if !text.isEmpty { pieces.append(Piece(text: String(text), style: style)) }
      }
      lines.append(pieces)
    }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
  }

  private static func style(_ code: Substring, _ present: String) -> String {
    switch code {
    case "", "0": ""
    // tmux ends a colour after it has begun what follows.
    case "39": ["r", "g", "y"].contains(present) ? "" : present
    case "22": ["b", "d"].contains(present) ? "" : present
    case "1": "b"
    case "2": "d"
    case "31": "r"
    case "32": "g"
    case "33": "y"
    default: present
    }
  }

  var text: String {
    lines.map { pieces in
      var line = pieces.map(\.text).joined()
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  /// As wide as the terminal, and as high as it takes.
  var svg: String {
    let (width, height) = (columns * 8 + 32, lines.count * 18 + 28)
    let rows = lines.enumerated().map { number, pieces in
      let spans = pieces.map { "<tspan class=\"\($0.style)\">\(Self.escaped($0.text))</tspan>" }.joined()
      return "<text x=\"16\" y=\"\(number * 18 + 26)\">\(spans)</text>\n"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)">
      <style>text{font:13.3px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#d7dde4}
      .b{font-weight:bold}.d{fill:#8b96a2}.r{fill:#ff8a85}.g{fill:#5cc878}.y{fill:#e6b455}</style>
      <rect width="\(width)" height="\(height)" rx="8" fill="#12171d"/>
      \(rows.joined())</svg>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

extension String {
  func write(toFile path: String) throws { try Files.replace(path, with: Array(utf8), mode: 0o644) }
}
