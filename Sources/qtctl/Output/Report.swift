import Deployment
import FileOperations
import FoundationEssentials
import HostState
import Transactions
import Verification

/// The result of a verb, rendered once: as text or as one JSON document.
struct Report {
  static let schema = "qtctl/1"

  var command: String
  var outcome: Outcome
  var exit = ExitStatus.done
  var stamp: Stamp?
  var seconds = 0.0
  /// What happened and what to do next, in sentences.
  var message = ""
  var steps: [StepResult] = []
  var checks: [CheckResult] = []
  var content = Content.none

  /// What a verb shows beyond how it ended.
  enum Content {
    case none
    case backups([BackupLine])
    case backup(BackupRecord)
    case retention([Retention.Decision])
    case cursors([CursorShift])
    case units([UnitLine])
    case history([HistoryEntry])
    case logs([LogLine])
    case drift([FileDifference])
    case difference(HostDifference)
  }

  init(_ command: String, _ outcome: Outcome, message: String = "") {
    self.command = command
    self.outcome = outcome
    self.message = message
  }

  init(_ command: String, _ result: TransactionResult) {
    self.init(command, result.outcome, message: result.message)
    exit = result.exit
    stamp = result.stamp
    steps = result.steps
    checks = result.checks
  }
}

extension Report {
  /// What would be done.
  ///
  /// - Parameter course: from what to what, in words.
  init(_ command: String, plan: Plan, course: String) {
    let end =
      plan.isEmpty
      ? "nothing differs; nothing would be changed"
      : "a backup is taken before and the checks run after; nothing was changed"
    self.init(command, .planned, message: "\(course): \(end)" + Self.kept(plan))
    steps = plan.steps.map { StepResult(name: $0.action.description, status: .planned, detail: $0.reason) }
  }

  private static func kept(_ plan: Plan) -> String {
    plan.kept.map { "\nkept, though the release has another version: \($0)" }.joined()
  }
}

extension Report: Encodable {
  private enum Key: String, CodingKey {
    case schema, command, outcome, stamp, exit, seconds, message, steps, checks
    case backups, backup, retention, cursors, units, history, entries, drift, difference
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(command, forKey: .command)
    try container.encode(outcome, forKey: .outcome)
    // An unknown stamp is null, not a missing key.
    try container.encode(stamp, forKey: .stamp)
    try container.encode(exit.rawValue, forKey: .exit)
    try container.encode(Self.rounded(seconds), forKey: .seconds)
    try container.encode(message, forKey: .message)
    try container.encode(steps.map(Self.rounded), forKey: .steps)
    try container.encode(checks.map(Self.rounded), forKey: .checks)
    switch content {
    case .none: break
    case .backups(let lines): try container.encode(lines, forKey: .backups)
    case .backup(let record): try container.encode(record, forKey: .backup)
    case .retention(let decisions): try container.encode(decisions, forKey: .retention)
    case .cursors(let shifts): try container.encode(shifts, forKey: .cursors)
    case .units(let lines): try container.encode(lines, forKey: .units)
    case .history(let entries): try container.encode(entries, forKey: .history)
    case .logs(let lines): try container.encode(lines, forKey: .entries)
    case .drift(let files): try container.encode(files, forKey: .drift)
    case .difference(let found): try container.encode(found, forKey: .difference)
    }
  }

  /// The document, with a newline at its end.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  private static func rounded(_ seconds: Double) -> Double { (seconds * 1_000_000).rounded() / 1_000_000 }

  private static func rounded(_ step: StepResult) -> StepResult {
    var step = step
    step.seconds = rounded(step.seconds)
    return step
  }

  private static func rounded(_ check: CheckResult) -> CheckResult {
    var check = check
    check.seconds = rounded(check.seconds)
    return check
  }
}
