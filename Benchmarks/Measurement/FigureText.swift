internal import Glibc

/// Figures in words, for the terminal and for the page.
package enum FigureText {
  /// Three digits that count: `0.042`, `1.53`, `185`, `2905`.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    let size = abs(value)
    let digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
    let scale = pow(10, Double(digits))
    guard let whole = Int(exactly: (value * scale).rounded()) else { return "?" }
    let text = String(abs(whole))
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    let sign = whole < 0 ? "-" : ""
    return digits == 0 ? sign + padded : sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }

  /// `pyinfra / qtctl ≥ 6: 5.22, missed`.
  package static func bar(_ bar: Bar, in figure: Figure) -> String {
    let sign = bar.isMost ? "≤" : "≥"
    let wanted: String
    switch bar.quantity {
    case .median(let name): wanted = "\(name) \(sign) \(number(bar.limit)) \(figure.unit)"
    case .ratio(let over, let under): wanted = "\(over) / \(under) \(sign) \(number(bar.limit))"
    case .difference(let more, let less): wanted = "\(more) − \(less) \(sign) \(number(bar.limit)) \(figure.unit)"
    case .exponent: wanted = "exponent of growth \(sign) \(number(bar.limit))"
    }
    guard let value = figure.value(of: bar) else { return "\(wanted): not measured" }
    return "\(wanted): \(number(value)), \(bar.isMet(by: value) ? "met" : "missed")"
  }

  /// Each contender's name, median, spread, and its median by that of the first of the same part.
  package static func lines(_ figure: Figure) -> [[String]] {
    figure.contenders.map { contender in
      let first = figure.contenders.first { $0.part == contender.part }?.median
      guard let median = contender.median, let spread = Statistics.spread(contender.samples) else {
        return [contender.name, "–", "–", "–"]
      }
      let ratio = first.flatMap { $0 > 0 ? number(median / $0) : nil } ?? "–"
      return [
        contender.name, "\(number(median)) \(figure.unit)", "\(number(spread.least)) to \(number(spread.greatest))",
        ratio,
      ]
    }
  }

  /// A row for the terminal.
  package static func plain(_ row: BenchResults.Row) -> String {
    var text = "\(row.title)\n"
    for figure in row.figures {
      text += "  \(figure.title)\n"
      for cells in lines(figure) {
        text += "    " + padded(cells[0], 28) + padded(cells[1], 14) + padded(cells[2], 22) + "× \(cells[3])\n"
      }
      for bar in figure.bars { text += "    bar: \(Self.bar(bar, in: figure))\n" }
    }
    for absence in row.absent { text += "  left out: \(absence.name): \(absence.reason)\n" }
    if let failure = row.failure { text += "  not measured to its end: \(failure)\n" }
    return text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
