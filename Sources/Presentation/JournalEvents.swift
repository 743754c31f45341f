import Basics
import Deployment
import HostState
package import Systemd
package import Transactions

/// A transaction's events as entries of the journal. The ids and fields are contract; `packaging/qtctl.catalog` explains
/// each id.
package enum JournalEvents {
  package static let began = "4b8a6b2c03ec4cc5bee2eaaa348cf26c"
  package static let succeeded = "a958b6b25d0249d0930c06738baf57be"
  package static let undone = "873230bee26344b5a31a3fddaf6c3a9f"
  package static let failed = "078bb740bd5f4c848caf87114ecd02fe"
  package static let recovered = "31ed1351d03e4cbe86249d90506352a4"
  package static let abandoned = "07ef4a17fe864cef89e61272f3567a9c"
  package static let changed = "4641ea91f7ca49b79ef3e0c0de00fe31"
  package static let notChanged = "c0c38dbbc3a44b05af8f4ec34a1df8b1"

  package static func message(_ event: TransactionEvent) -> JournalMessage {
    switch event {
    case .began(let begin): message(begin)
    case .ended(let entry): message(entry, kind(of: entry))
    case .changed(let entry):
      message(entry, entry.exit == ExitStatus.done.rawValue ? (changed, .notice) : (notChanged, .warning))
    }
  }

  private static func message(_ begin: TransactionJournal.Begin) -> JournalMessage {
    JournalMessage(
      id: began, priority: .info, text: "\(begin.name): '\(begin.command)' of \(begin.user) began",
      fields: [
        "QTCTL_NAME": begin.name, "QTCTL_COMMAND": begin.command, "QTCTL_USER": begin.user,
        "QTCTL_REASON": begin.reason, "QTCTL_FROM": text(begin.from), "QTCTL_TO": text(begin.to),
        "QTCTL_STARTED": String(begin.started),
      ])
  }

  private static func message(_ entry: HistoryEntry, _ kind: (id: String, priority: Priority)) -> JournalMessage {
    let (id, priority) = kind
    let reason = entry.exit == ExitStatus.done.rawValue ? "" : entry.reason.map { ": " + Printable.line($0) } ?? ""
    return JournalMessage(
      id: id, priority: priority,
      text: "\(entry.name): '\(entry.command)' of \(entry.user) ended: \(entry.end.rawValue)\(reason)",
      fields: [
        "QTCTL_NAME": entry.name, "QTCTL_COMMAND": entry.command, "QTCTL_USER": entry.user,
        "QTCTL_REASON": entry.reason, "QTCTL_FROM": text(entry.from), "QTCTL_TO": text(entry.to),
        "QTCTL_STARTED": String(entry.started), "QTCTL_SECONDS": String((entry.seconds * 1000).rounded() / 1000),
        "QTCTL_OUTCOME": entry.end.rawValue, "QTCTL_EXIT": String(entry.exit),
        "QTCTL_STAMP": entry.stamp?.description, "QTCTL_EVIDENCE": entry.evidence,
      ])
  }

  private static func kind(of entry: HistoryEntry) -> (id: String, priority: Priority) {
    switch ExitStatus(rawValue: entry.exit) {
    case .done: (succeeded, .notice)
    case .rolledBack: (undone, .warning)
    case .recovered: (recovered, .warning)
    case .unhealthy: (failed, .error)
    default: (abandoned, .notice)
    }
  }

  private static func text(_ release: ReleaseIdentity?) -> String? { release.map(String.init(describing:)) }
}
