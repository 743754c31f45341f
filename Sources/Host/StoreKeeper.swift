public import Deployment

/// Looks after the backups of a store: whatever changes one of them, under the lock.
public struct StoreKeeper {
  private let deployer: Deployer
  private var context: HostContext { deployer.context }

  public init(_ context: HostContext, recorder: StepRecorder) {
    deployer = Deployer(context, recorder: recorder)
  }

  /// Removes the backups that retention does not keep.
  ///
  /// - Returns: what was decided of each backup, newest first.
  public func prune(_ scope: Scope) async throws -> [Retention.Decision] {
    try await changing(scope.store) {
      let decisions = try decisions(scope)
      try scope.store.prune(decisions)
      return decisions
    }
  }

  /// What `prune` would decide. Changes nothing.
  public func decisions(_ scope: Scope) throws -> [Retention.Decision] {
    // Without the lock, an interrupted transaction may still wait to be undone with its backup.
    let unfinished = InterruptedTransaction(try TransactionJournal(context.state).read())?.stamp
    return try scope.store.retention(
      keep: scope.manifest.backups.keep, name: scope.name, current: scope.installed?.release.digest,
      needed: unfinished.map { [$0] } ?? [])
  }

  /// Keeps a backup whatever retention says, or lets retention decide again.
  ///
  /// - Parameter stamp: as a person wrote it.
  public func setPinned(_ pinned: Bool, _ stamp: String, in store: BackupStore) async throws {
    try await changing(store) { try store.setPinned(pinned, store.find(stamp)) }
  }

  private func changing<Value>(_ store: BackupStore, _ change: () throws -> Value) async throws -> Value {
    let lock = try deployer.takeLock(wait: .zero)
    defer { withExtendedLifetime(lock) {} }
    try await deployer.recoverFirst(lock)
    if let fault = store.unwritable() { throw HostError.refused(["\(fault); mount it writable and run this again"]) }
    return try change()
  }
}
