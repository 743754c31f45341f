internal import Basics

/// Rows of cells under a header, within the width of the layout: columns that are empty go first, then the columns that
/// bend are shortened in the middle, and where that is not enough each row becomes a block of its own.
package struct Table {
  package struct Row {
    package var cells: [String]
    package var tone: StyledText.Tone
    /// A sentence that stands below the row; `nil`: none.
    package var note: String?

    package init(_ cells: [String], _ tone: StyledText.Tone = .plain, note: String? = nil) {
      self.cells = cells
      self.tone = tone
      self.note = note
    }
  }

  private let header: [String]
  private let rows: [Row]
  /// The columns that may be shortened, by their titles.
  private let bending: Set<String>
  /// The columns that make the first line of a block; the first one where none is named.
  private let heading: [String]

  /// How much a column that bends keeps: half of a name, since less would tell nothing, and not more than that of a sentence.
  private static func least(_ width: Int) -> Int { min(max(12, (width + 1) / 2), 24) }
  private static let gap = "  "

  /// - Parameters:
  ///   - header: the title of each column; `rows` have as many cells.
  ///   - bending: the titles of the columns that may be shortened.
  ///   - heading: the titles of the columns that make the first line where a row becomes a block.
  package init(_ header: [String], bending: Set<String> = [], heading: [String] = [], rows: [Row]) {
    self.header = header
    self.bending = bending
    self.heading = heading.isEmpty ? Array(header.prefix(1)) : heading
    self.rows = rows
  }

  package init(_ header: [String], bending: Set<String> = [], heading: [String] = [], rows: [[String]]) {
    self.init(header, bending: bending, heading: heading, rows: rows.map { Row($0) })
  }

  /// - Parameter droppingEmpty: whether columns without any value go even where there is room for them.
  package func text(_ layout: Layout, droppingEmpty: Bool = false) -> StyledText {
    // A cell is one line, whatever others wrote into it.
    func line(_ text: String) -> String { layout.shown(Printable.line(text)) }
    let shown = rows.map { Row($0.cells.map(line), $0.tone, note: $0.note.map(line)) }
    let widths = header.indices.map { column in ([header] + shown.map(\.cells)).map { $0[column].count }.max() ?? 0 }
    var columns = header.indices.map { ($0, widths[$0]) }
    if droppingEmpty || layout.width.map({ Self.total(columns) > $0 }) ?? false {
      columns = columns.filter { column, _ in shown.contains { !Self.isEmpty($0.cells[column]) } }
    }
    guard let limit = layout.width else { return grid(shown, columns, layout) }
    guard let fitting = fit(columns, to: limit) else { return blocks(shown, limit, layout) }
    return grid(shown, fitting, layout)
  }

  private typealias Column = (index: Int, width: Int)

  private static func isEmpty(_ cell: String) -> Bool { cell.isEmpty || cell == "-" }
  private static func total(_ columns: [Column]) -> Int {
    columns.reduce(0) { $0 + $1.width } + max(0, columns.count - 1) * gap.count
  }

  /// The columns with the widths at which they fit; `nil` where they cannot.
  private func fit(_ columns: [Column], to limit: Int) -> [Column]? {
    var columns = columns
    let least = columns.map { Self.least($0.width) }
    var excess = Self.total(columns) - limit
    while excess > 0 {
      let candidates = columns.indices.filter {
        bending.contains(header[columns[$0].index]) && columns[$0].width > least[$0]
      }
      guard let widest = candidates.max(by: { columns[$0].width < columns[$1].width }) else { return nil }
      // Down to the next widest at most, so that several columns give their share.
      let next = candidates.filter { $0 != widest }.map { columns[$0].width }.max() ?? 0
      let room = max(1, columns[widest].width - max(next, least[widest]))
      let given = min(excess, room)
      columns[widest].width -= given
      excess -= given
    }
    return columns
  }

  private func grid(_ rows: [Row], _ columns: [Column], _ layout: Layout) -> StyledText {
    var text = StyledText()
    for row in [Row(header, .dim)] + rows {
      var line = columns.map { column, width in
        let cell = layout.shortened(row.cells[column], to: width)
        return cell + String(repeating: " ", count: max(0, width - cell.count))
      }.joined(separator: Self.gap)
      while line.last == " " { line.removeLast() }
      text += StyledText(line, row.tone)
      text += "\n"
      text += note(row, layout)
    }
    return text
  }

  private func note(_ row: Row, _ layout: Layout) -> StyledText {
    guard let note = row.note, !note.isEmpty else { return StyledText() }
    let lines = TextLines.wrapped(note, first: "  ", rest: "  ", width: layout.width, layout)
    return StyledText(lines.map { $0 + "\n" }.joined(), .dim)
  }

  /// Each row as a line of its own, and below it the other cells with their titles.
  private func blocks(_ rows: [Row], _ limit: Int, _ layout: Layout) -> StyledText {
    var text = StyledText()
    for row in rows {
      let cells = Array(zip(header, row.cells)).filter { !Self.isEmpty($1) }
      let first = heading.compactMap { title in cells.first { $0.0 == title }?.1 }.joined(separator: Self.gap)
      text += StyledText(layout.shortened(first, to: limit), row.tone)
      text += "\n"
      let facts = cells.filter { !heading.contains($0.0) }
        .map { title, cell in title.isEmpty || title.lowercased() == cell ? cell : "\(title.lowercased()) \(cell)" }
      text += TextLines.flow(facts, indent: "  ", width: limit, layout).map { $0 + "\n" }.joined()
      text += note(row, layout)
    }
    return text
  }
}
