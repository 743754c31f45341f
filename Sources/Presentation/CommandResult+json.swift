import Deployment
import FoundationEssentials
package import HostState
import Status
import Verification
import Watching

extension CommandResult: Encodable {
  private enum Key: String, CodingKey {
    case schema, command, outcome, stamp, exit, seconds, message, steps, checks
    case backups, backup, retention, cursors, units, history, entries, metrics, drift, difference, watch
    case rehearsal
  }

  package func encode(to encoder: any Encoder) throws {
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
    case .none, .verdicts: break
    case .backups(let lines): try container.encode(lines, forKey: .backups)
    case .backup(let record): try container.encode(record.masked, forKey: .backup)
    case .retention(let decisions): try container.encode(decisions, forKey: .retention)
    case .cursors(let shifts): try container.encode(shifts, forKey: .cursors)
    case .status(let status):
      try container.encode(status.units, forKey: .units)
      try StatusDocument(status: status).encode(to: encoder)
    case .history(let entries): try container.encode(entries.map(HistoryLine.init), forKey: .history)
    case .transaction(let detail): try container.encode([HistoryLine(detail.entry)], forKey: .history)
    case .logs(let lines): try container.encode(lines, forKey: .entries)
    case .metrics(let families): try container.encode(families, forKey: .metrics)
    case .drift(let files): try container.encode(files, forKey: .drift)
    case .difference(let found): try container.encode(found, forKey: .difference)
    case .rehearsal(let record): try container.encode(record.masked, forKey: .rehearsal)
    case .watch(let record): try container.encode(WatchDocument(record), forKey: .watch)
    }
  }

  /// The document, with a newline at its end.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  private static func rounded(_ seconds: Double) -> Double { (seconds * 1_000_000).rounded() / 1_000_000 }

  private static func rounded(_ step: StepResult) -> StepResult {
    var step = step
    step.seconds = rounded(step.seconds)
    step.at = step.at.map(rounded)
    return step
  }

  private static func rounded(_ check: CheckResult) -> CheckResult {
    var check = check
    check.seconds = rounded(check.seconds)
    return check
  }
}

/// An entry of the history with its time as people and other programs read it.
package struct HistoryLine: Encodable {
  package let entry: HistoryEntry

  package init(_ entry: HistoryEntry) { self.entry = entry }

  private enum Key: String, CodingKey { case time }

  package func encode(to encoder: any Encoder) throws {
    try entry.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(UTC.iso(entry.started), forKey: .time)
  }
}

extension LogLine {
  /// One object on a line of its own, for whoever reads them as they come.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
