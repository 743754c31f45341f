package import Deployment
import FileOperations
import Status
package import Terminal
import Verification

extension CommandResult {
  /// How many checks ended how.
  package static func counts(_ checks: [CheckResult]) -> String {
    [(CheckResult.Status.pass, "passed"), (.warn, "warned"), (.skip, "skipped"), (.fail, "failed")]
      .map { status, word in (checks.count { $0.status == status }, word) }
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  /// The report as people read it.
  package func text(_ console: Console) -> StyledText {
    var text = contentText(console)
    // It has its own last line.
    if case .status = content { return text }
    if outcome == .planned { text += steps.map { "\($0.name)  (\($0.detail))\n" }.joined() }
    // Whoever asks for the checks sees them all; whoever deploys, those that want a look.
    let shown: [CheckResult] =
      switch command {
      case "deploy", "rollback": checks.filter { $0.status != .pass }
      case "rehearse": checks.filter { $0.status == .fail || $0.status == .warn }
      default: checks
      }
    switch content {
    // It has them in its own order.
    case .transaction, .verdicts: break
    default: text += CheckText.list(console.options.verbose ? checks : shown, console)
    }
    if !message.isEmpty {
      let tone: Console.Tone = exit == .done ? .good : .bad
      text += StyledText(TextLines.broken(message + summary, width: console.layout.width, console.layout) + "\n", tone)
    }
    return text
  }

  private var summary: String {
    var facts: [String] = []
    if let stamp, !message.contains(stamp.description) { facts.append("backup \(stamp)") }
    if command != "verify", command != "prove", !checks.isEmpty { facts.append("checks: " + Self.counts(checks)) }
    if !steps.isEmpty && outcome != .planned {
      facts.append(String(Console.seconds(seconds).drop { $0 == " " }))
    }
    return facts.isEmpty ? "" : " (" + facts.joined(separator: ", ") + ")"
  }

  /// What is shown beyond how it ended.
  package func contentText(_ console: Console) -> StyledText {
    let layout = console.layout
    return switch content {
    // The message has the sentence.
    case .none, .watch: StyledText()
    case .verdicts: VerdictText.table(checks, console)
    case .backups(let lines): BackupText.list(lines, layout)
    case .backup(let record): BackupText.content(record, layout)
    case .retention(let decisions): BackupText.retention(decisions, layout)
    case .cursors(let shifts): BackupText.cursors(shifts, layout)
    case .status(let status):
      StatusText(status: status, layout: layout, now: Clock.seconds, isVerbose: console.options.verbose).text
    case .history(let entries): ContentText.history(entries, layout)
    case .transaction(let detail): TransactionText(detail: detail, console: console).text
    case .logs(let lines): StyledText(ContentText.logs(lines))
    case .metrics(let families): StyledText(families.prometheusText)
    // The message has the sentences.
    case .drift(let files): StyledText(files.filter { !$0.diff.isEmpty }.map(\.text).joined())
    case .difference(let found): StyledText(ContentText.difference(found))
    case .rehearsal(let record): RehearsalText(record: record.masked, layout: layout).text
    }
  }
}
