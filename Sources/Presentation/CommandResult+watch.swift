import Deployment
import Transactions
package import Watching

extension CommandResult {
  /// A watch that is going on.
  package init(_ command: String, showing record: WatchRecord) {
    self.init(command, .done, message: "\(record.name) is watched \(record.sentence(at: Clock.seconds))")
    content = .watch(record)
  }

  /// What one look came to.
  package init(_ command: String, _ look: LookOutcome) {
    self.init(command, look.kind == .failing ? .failed : look.kind == .well ? .verified : .done, message: look.message)
    checks = look.checks
    if let record = look.record { content = .watch(record) }
    exit = look.kind == .failing ? .checkFailed : look.kind == .skipped ? .locked : .done
    guard let rollback = look.rollback else { return }
    outcome = rollback.outcome
    exit = rollback.exit == .done ? .rolledBack : rollback.exit
    stamp = rollback.stamp
    steps = rollback.steps
    checks = rollback.checks
  }
}
