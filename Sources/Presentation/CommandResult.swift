import Basics
package import Deployment
package import FileOperations
package import HostState
package import Rehearsing
package import Status
package import Transactions
import Verification
package import Watching

/// The result of a verb, rendered once: as text or as one JSON document.
package struct CommandResult {
  package static let schema = "qtctl/1"

  package var command: String
  package var outcome: Outcome
  package var exit = ExitStatus.done
  package var stamp: Stamp?
  package var seconds = 0.0
  /// What happened and what to do next, in sentences.
  package var message = ""
  package var steps: [StepResult] = []
  package var checks: [CheckResult] = []
  package var content = Content.none

  /// What a verb shows beyond how it ended.
  package enum Content {
    case none
    case backups([BackupLine])
    case backup(BackupRecord)
    case retention([Retention.Decision])
    case cursors([CursorShift])
    case status(HostStatus)
    case history([HistoryEntry])
    case transaction(TransactionDetail)
    case logs([LogLine])
    case metrics([MetricFamily])
    case drift([FileDifference])
    case difference(HostDifference)
    case rehearsal(RehearsalRecord)
    /// The checks are the rows of a proof.
    case verdicts
    case watch(WatchRecord)
  }

  package init(_ command: String, _ outcome: Outcome, message: String = "") {
    self.command = command
    self.outcome = outcome
    self.message = message
  }

  package init(_ command: String, _ result: TransactionResult) {
    self.init(command, result.outcome, message: result.message)
    exit = result.exit
    stamp = result.stamp
    steps = result.steps
    checks = result.checks
  }
}

extension CommandResult {
  /// What would be done.
  ///
  /// - Parameters:
  ///   - course: from what to what, in words.
  ///   - isVerbose: whether each file of a tree is listed.
  package init(_ command: String, plan: Plan, course: String, isVerbose: Bool) {
    let end =
      plan.isEmpty
      ? "nothing differs; nothing would be changed"
      : "a backup is taken before and the checks run after; nothing was changed"
    self.init(command, .planned, message: "\(course): \(end)" + Self.kept(plan))
    func hook(_ name: String, _ within: Duration?, _ when: String) -> [StepResult] {
      within.map { [StepResult(name: "run hook \(name)", status: .planned, detail: "\(when), up to \($0.text)")] } ?? []
    }
    steps = hook("prepare", plan.prepare, "before anything is touched")
    steps += plan.groups.flatMap { group in
      if !isVerbose, let summary = plan.summary(of: group) {
        return [StepResult(name: summary, status: .planned, detail: "they differ; --verbose lists them")]
      }
      return group.map { step in
        StepResult(
          name: step.action.description, status: .planned, detail: step.reason + Self.rights(step.action))
      }
    }
    steps += hook("finished", plan.finished, "after the outcome")
  }

  /// Mode and owner of what is installed.
  private static func rights(_ action: Plan.Action) -> String {
    guard case .install(let file) = action, file.state.type == .file else { return "" }
    let (owner, group) = (Accounts.userName(file.state.owner ?? 0), Accounts.groupName(file.state.group ?? 0))
    return "; mode \(FileState.octal(file.state.mode)), owner \(owner):\(group)"
  }

  private static func kept(_ plan: Plan) -> String {
    (plan.kept.map { "\nkept, though the release has another version: \($0)" } + plan.notes.map { "\n" + $0 }).joined()
  }
}
