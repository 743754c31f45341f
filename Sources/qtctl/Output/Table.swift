import Basics

/// Columns of text, each as wide as its widest cell.
struct Table {
  var header: [String]
  var rows: [[String]]

  /// A text in so many columns, with an ellipsis in its middle where it is longer.
  static func shortened(_ text: String, to width: Int) -> String {
    guard text.count > width, width > 1 else { return text }
    let head = width / 2
    return text.prefix(head) + "…" + text.suffix(width - head - 1)
  }

  var text: String {
    // A cell is one line, whatever others wrote into it.
    let rows = rows.map { $0.map(Printable.line) }
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([header] + rows).map { row in
      var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
