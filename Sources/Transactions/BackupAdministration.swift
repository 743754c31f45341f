package import Backups
package import Deployment
internal import HostState
package import Releases

/// Looks after the backups of a store: whatever changes one of them, under the lock.
package struct BackupAdministration {
  private let context: HostContext
  private let procedure: TransactionProcedure

  package init(_ context: HostContext, recorder: StepRecorder) {
    self.context = context
    procedure = TransactionProcedure(context: context, recorder: recorder)
  }

  /// Removes the backups that retention does not keep.
  ///
  /// - Returns: what was decided of each backup, newest first.
  package func prune(_ lookup: ManifestLookup) async throws -> [Retention.Decision] {
    try await changing(BackupStore(path: lookup.storePath)) {
      let decisions = try decisions(lookup)
      try BackupStore(path: lookup.storePath).prune(decisions)
      return decisions
    }
  }

  /// What `prune` would decide. Changes nothing.
  package func decisions(_ lookup: ManifestLookup) throws -> [Retention.Decision] {
    // Without the lock, an interrupted transaction may still wait to be undone with its backup.
    let unfinished = InterruptedTransaction(try TransactionJournal(context.state).read())?.stamp
    return try BackupStore(path: lookup.storePath).retention(
      keep: lookup.manifest.backups.keep, name: lookup.name, current: lookup.installed?.release.digest,
      needed: unfinished.map { [$0] } ?? [])
  }

  /// Keeps a backup whatever retention says, or lets retention decide again.
  ///
  /// - Parameter stamp: as a person wrote it.
  package func setPinned(_ pinned: Bool, _ stamp: String, in store: BackupStore) async throws {
    try await changing(store) { try store.setPinned(pinned, store.find(stamp)) }
  }

  private func changing<Value>(_ store: BackupStore, _ change: () throws -> Value) async throws -> Value {
    try await procedure.underLock {
      if let fault = store.unwritable() { throw Refusal(["\(fault); mount it writable and run this again"]) }
      return try change()
    }
  }
}
