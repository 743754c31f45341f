import Deployment
import FileOperations
import Verification

extension Report {
  /// How many checks ended how.
  static func counts(_ checks: [CheckResult]) -> String {
    [(CheckResult.Status.pass, "passed"), (.warn, "warned"), (.skip, "skipped"), (.fail, "failed")]
      .map { status, word in (checks.count { $0.status == status }, word) }
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  /// The report as people read it.
  func text(_ console: Console) -> StyledText {
    var text = StyledText(contentText)
    if outcome == .planned { text += steps.map { "\($0.name)  (\($0.detail))\n" }.joined() }
    // Whoever asks for the checks sees them all; whoever deploys, those that want a look.
    let shown = command == "deploy" || command == "rollback" ? checks.filter { $0.status != .pass } : checks
    for check in console.options.verbose ? checks : shown {
      text += "\(Console.seconds(check.seconds))  "
      text += StyledText(check.status.rawValue, Console.tone(check))
      text += "  \(check.id)  \(check.subject): \(check.detail)\n"
      guard console.options.verbose else { continue }
      for (key, value) in check.evidence.sorted(by: { $0.key < $1.key }) {
        text += "             \(key) = \(value.text)\n"
      }
    }
    if !message.isEmpty {
      let tone: Console.Tone = exit == .done ? .good : .bad
      text += StyledText(message, tone)
      text += summary + "\n"
    }
    return text
  }

  private var summary: String {
    var facts: [String] = []
    if let stamp { facts.append("backup \(stamp)") }
    if command != "verify", !checks.isEmpty { facts.append("checks: " + Self.counts(checks)) }
    if !steps.isEmpty && outcome != .planned {
      facts.append(String(Console.seconds(seconds).drop { $0 == " " }))
    }
    return facts.isEmpty ? "" : " (" + facts.joined(separator: ", ") + ")"
  }

  /// What is shown beyond how it ended.
  var contentText: String {
    switch content {
    case .none: ""
    case .backups(let lines): ContentText.backups(lines)
    case .backup(let record): ContentText.backup(record)
    case .retention(let decisions): ContentText.retention(decisions)
    case .cursors(let shifts): ContentText.cursors(shifts)
    case .units(let lines): ContentText.units(lines)
    case .history(let entries): ContentText.history(entries)
    case .logs(let lines): ContentText.logs(lines)
    case .metrics(let families): families.prometheusText
    // The message has the sentences.
    case .drift(let files): files.filter { !$0.diff.isEmpty }.map(\.text).joined()
    case .difference(let found): ContentText.difference(found)
    }
  }
}

extension JSONValue {
  /// As a person reads it on one line.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let values):
      "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
    }
  }
}
