package import Deployment
import FileOperations
package import Terminal

/// The result of a check as text: its seconds, how it ended, and what was seen; with `--verbose` the evidence too.
package enum CheckText {
  /// As wide as the time and the status before the id of a check.
  private static let margin = String(repeating: " ", count: 17)

  package static func text(_ check: CheckResult, _ console: Console) -> StyledText {
    let layout = console.layout
    let width = layout.width.map { max(margin.count + 20, $0) }
    let lines = TextLines.wrapped(
      layout.shown("\(check.subject): \(check.detail)"), first: margin + check.id + "  ", rest: margin, width: width,
      layout)
    var text = StyledText("\(Console.seconds(check.seconds))  ")
    text += StyledText(check.status.rawValue, Console.tone(check))
    text += "  " + lines.joined(separator: "\n").dropFirst(margin.count) + "\n"
    guard console.options.verbose else { return text }
    for (key, value) in check.evidence.sorted(by: { $0.key < $1.key }) {
      text += "             \(key) = \(value.text)\n"
    }
    return text
  }
}
