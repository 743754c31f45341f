package import Commit
internal import Backups
package import Deployment
internal import FileOperations
package import HostState
internal import Manifests
internal import Units

/// Brings the host back to the backup that a transaction took before it touched anything. A failed deploy and an
/// interrupted one end in the same way.
///
/// It may be begun again at any point of itself: it looks at what is there and does what is left to do.
package struct Undo {
  package let context: HostContext
  package let recorder: StepRecorder
  package let deadline: ContinuousClock.Instant
  /// Whether all is put back without a look at what is there.
  package var isBlind = false

  package struct Result {
    /// What the host should be now; `nil` where nothing that runs had been touched.
    package var record: BackupRecord?
    package var failures: [Committer.Failure] = []
    /// Whether a file could not be put back. The journal then stays, so that the next command tries again.
    package var isUnfinished: Bool { failures.contains(where: \.touchesFiles) }
    /// Whether the backup itself is damaged or gone, so that no further try will help.
    package var isLost = false
  }

  /// Goes on past failures and reports them all. What a fault that passes has left undone is done by a second try.
  package func run(_ interrupted: InterruptedTransaction, because reason: String) -> Result {
    // What a qtctl that died has started must not go on beside what takes it back.
    for hook in interrupted.hooks { try? context.services.end(hook) }
    let first = attempt(interrupted, because: reason)
    guard first.isUnfinished, !first.isLost else { return first }
    var again = interrupted
    // It was tried twice.
    again.undo = nil
    var second = attempt(again, because: reason)
    second.failures += first.failures.filter(\.isOfHook)
    return second
  }

  private func attempt(_ interrupted: InterruptedTransaction, because reason: String) -> Result {
    do {
      guard let touched = interrupted.touched, let stamp = interrupted.stamp else {
        try recorder.step("clean up", detail: { "no running service was touched" }) {
          try Stager.clean(files: interrupted.staged, folders: interrupted.folders)
          try BackupStore(path: interrupted.begin.store).sweep()
        }
        return Result()
      }
      return try putBack(stamp, interrupted, touched: touched, because: reason)
    } catch {
      let isLost = (error as? any CommandError)?.exitStatus == .backupDamaged
      // What was staged serves nobody any more.
      if isLost { try? Stager.clean(files: interrupted.staged, folders: []) }
      return Result(failures: [Committer.Failure(description: "\(error)", touchesFiles: true)], isLost: isLost)
    }
  }

  private func putBack(
    _ stamp: Stamp, _ interrupted: InterruptedTransaction, touched: Set<String>, because reason: String
  ) throws -> Result {
    let journal = TransactionJournal(context.state)
    let store = BackupStore(path: interrupted.begin.store)
    // They were kept down since the boot.
    try context.services.release()
    // The journal already says all that another try would need; a full disk must not end this one.
    try? journal.append(.undo(reason))
    let proven = try store.provenRecord(stamp)
    let others = interrupted.others.sorted()
    var wanted = proven.restored(from: store)
    wanted.others = others
    let inventory = try InventoryReader(services: context.services, mode: isBlind ? .blind : .tolerant).read(
      for: wanted)
    let record = proven.undoing(interrupted.changed, in: inventory)
    var desired = record.restored(from: store)
    desired.others = others
    var planner = Planner(restart: touched, reload: true)
    planner.takesReloads = false
    var plan = planner.plan(from: inventory, to: desired).undoing(interrupted.undo)
    // One that the dead process had stopped does not show any more that it failed before, too.
    plan.ailing.formUnion((interrupted.baseline?.units ?? [:]).filter { $0.value.condition != .sound }.keys)
    var result = Result(record: record)
    // First, since it makes room.
    try Stager.clean(files: interrupted.staged, folders: [])
    try recorder.step("stage backup \(stamp)") {
      for (path, error) in Stager(journal: journal).stageWhatCanBe(plan.installs) {
        result.failures.append(Committer.Failure(description: "stage \(path): \(error)", touchesFiles: true))
        plan.steps.removeAll { if case .install(let file) = $0.action { file.path == path } else { false } }
      }
    }
    var committer = Committer(
      services: context.services, journal: journal, recorder: recorder, tolerance: .everything, deadline: deadline)
    committer.migration = interrupted.undo.map { call in
      // A name of its own for each who tries.
      var call = call
      call.scope += "-\(Caller.pid)"
      return Migration(call, undo: call)
    }
    result.failures += try committer.apply(plan)
    keepFailedUndo(stamp, &result)
    let paths = record.entries.map { Files.stagedPath(for: $0.path) }
    try Stager.clean(files: interrupted.staged + paths, folders: interrupted.folders)
    return result
  }
}

extension Undo {
  /// Keeps what a person needs to run an `undo` that failed.
  private func keepFailedUndo(_ stamp: Stamp, _ result: inout Result) {
    guard let index = result.failures.firstIndex(where: \.isOfHook), Files.exists(context.state.migration) else {
      return
    }
    let place = context.state.failedUndo(stamp)
    guard (try? Files.rename(context.state.migration, to: place)) != nil else { return }
    result.failures[index].description += "\nrun it yourself: it is kept in '\(place)'; remove that folder afterwards"
  }
}

extension BackupRecord {
  /// The state that this backup restores, in the start order of the manifest that was in force then.
  func restored(from store: BackupStore) -> DesiredState {
    let manifest = installed?.decoded
    var state = desired(contents: store.contents(stamp), startOrder: manifest?.start ?? .inOrder)
    let reloaded = manifest?.reloadedTargets ?? []
    for index in state.files.indices where reloaded.contains(state.files[index].path) {
      state.files[index].reload = true
    }
    return state
  }
}
