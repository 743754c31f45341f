package import Commit
package import Backups
package import Deployment
internal import Verification

/// Puts a backup back and proves it. Works from the backup alone: release, manifest and Redis may be gone.
package struct Rollback {
  package struct Options: Sendable {
    /// The time until verified health; `nil`: as the manifest in the backup says.
    package var deadline: Duration?
    /// How long every unit must stay up; `nil`: as the manifest in the backup says.
    package var stable: Duration?
    package var reason: String?
    package var wait: Duration = .zero
    /// Only what this record says is rolled back; `nil`: whatever is on the host. What has changed meanwhile was changed by
    /// somebody who knew why.
    package var over: InstalledRecord?
    package init() {}
  }

  /// What a rollback would do.
  package struct Preview: Sendable {
    package let stamp: Stamp
    /// Where to, in words.
    package let course: String
    package let plan: Plan
  }

  private let context: HostContext
  private let procedure: TransactionProcedure

  package init(_ context: HostContext, recorder: StepRecorder, tell: @escaping (CheckResult) -> Void = { _ in }) {
    self.context = context
    procedure = TransactionProcedure(context: context, recorder: recorder, tell: tell)
  }

  /// What `run` would do. Changes nothing; the run applies this very plan.
  ///
  /// - Throws: what a run would be refused for, as far as this user may look.
  package func preview(_ stamp: String?, in store: BackupStore, name: String?) async throws -> Preview {
    let change = try await procedure.preview { try RollbackPlan.choose(stamp, in: store, name: name, context) }
    let course = (change.remarks + ["back to \(change.title)"]).joined(separator: "\n")
    return Preview(stamp: change.record.stamp, course: course, plan: change.plan)
  }

  /// - Parameters:
  ///   - stamp: as a person wrote it; `nil`: the last verified state that differs from what is on the host.
  ///   - name: the manifest's name, where one is known; only its backups are chosen from.
  package func run(
    to stamp: String?, in store: BackupStore, name: String?, _ options: Options
  ) async throws -> TransactionResult {
    let start = ContinuousClock.now
    // An interrupted transaction whose own backup is damaged can be undone by nobody: what a person names instead ends
    // it.
    return try await procedure.run(wait: options.wait, goingPast: stamp != nil) {
      var change = try RollbackPlan.choose(stamp, in: store, name: name, context)
      if let over = options.over, change.installed != over {
        throw Refusal(["\(over.name) \(over.release) is no longer what is on the host; nothing was changed"])
      }
      change.deadline = start + (options.deadline ?? change.grantedDeadline)
      change.stable = options.stable
      change.reason = options.reason
      return change
    }
  }
}
