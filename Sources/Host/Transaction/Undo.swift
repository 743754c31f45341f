internal import Deployment

/// Brings the host back to the backup that a transaction took before it touched anything. A failed deploy and an
/// interrupted one end in the same way.
struct Undo {
  let context: HostContext
  let recorder: StepRecorder
  let deadline: ContinuousClock.Instant

  struct Result {
    /// What the host should be now; `nil` where nothing that runs had been touched.
    var record: BackupRecord?
    var failures: [Committer.Failure] = []
    /// Whether a file could not be put back. The journal then stays, so that the next command tries again.
    var isUnfinished: Bool { failures.contains(where: \.touchesFiles) }
  }

  /// Goes on past failures and reports them all.
  func run(_ interrupted: InterruptedTransaction, because reason: String) throws -> Result {
    let journal = TransactionJournal(context.state)
    let store = BackupStore(path: interrupted.begin.store)
    guard let touched = interrupted.touched, let stamp = interrupted.stamp else {
      try recorder.step("clean up", detail: { "nothing that runs had been touched" }) {
        try Stager.clean(files: interrupted.staged, folders: interrupted.folders)
        if let stamp = interrupted.stamp { try store.removeUnfinished(stamp) }
      }
      return Result()
    }
    try journal.append(.undo(reason))
    let record = try store.provenRecord(stamp)
    let desired = record.desired(contents: store.contents(stamp))
    let inventory = try InventoryReader(services: context.services).read(for: desired)
    let plan = Planner(restart: touched, reload: true).plan(from: inventory, to: desired)
    try recorder.step("stage backup \(stamp)") {
      try Stager.clean(files: interrupted.staged, folders: [])
      try Stager(journal: journal).stage(plan.installs)
    }
    let failures = try Committer(
      services: context.services, journal: journal, recorder: recorder, tolerance: .everything, deadline: deadline
    ).apply(plan)
    try Stager.clean(files: interrupted.staged, folders: interrupted.folders)
    return Result(record: record, failures: failures)
  }
}
