package import Deployment
import FileOperations
package import Terminal

/// The result of a check as text: its seconds, how it ended, and what was seen; with `--verbose` the evidence too.
package enum CheckText {
  /// As wide as the time and the status before the id of a check.
  private static let margin = String(repeating: " ", count: 17)

  /// The results as they are listed, one after the other.
  package static func list(_ checks: [CheckResult], _ console: Console, width: Int? = nil) -> StyledText {
    var text = StyledText()
    for check in console.options.verbose ? checks : folded(checks) { text += Self.text(check, console, width: width) }
    return text
  }

  /// What was skipped for one reason is one line: a host of eighty units has dozens that are idle, and they hide what wants
  /// a look.
  static func folded(_ checks: [CheckResult]) -> [CheckResult] {
    struct Kind: Hashable { var id, detail: String }
    let skipped = checks.filter { $0.status == .skip }
    let groups = Dictionary(grouping: skipped) { Kind(id: $0.id, detail: $0.detail) }.filter { $0.value.count > 2 }
    var told: Set<Kind> = []
    return checks.compactMap { check in
      let kind = Kind(id: check.id, detail: check.detail)
      guard check.status == .skip, let group = groups[kind] else { return check }
      guard told.insert(kind).inserted else { return nil }
      var one = check
      let named = group.prefix(2).map(\.subject).joined(separator: ", ")
      one.subject = "\(named) and \(group.count - 2) more"
      one.detail += "; --verbose lists them"
      one.seconds = group.map(\.seconds).max() ?? check.seconds
      return one
    }
  }

  /// - Parameter width: of a line; `nil`: as wide as stdout.
  package static func text(_ check: CheckResult, _ console: Console, width: Int? = nil) -> StyledText {
    var layout = console.layout
    layout.width = width ?? layout.width
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
