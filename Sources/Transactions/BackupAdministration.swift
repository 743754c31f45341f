package import Commit
package import Backups
package import Deployment
internal import FileOperations
internal import HostState
internal import Manifests
internal import Preflight
package import Releases
internal import Units

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
      let removed = decisions.filter { !$0.keep }.map(\.stamp.description).joined(separator: ", ")
      guard !removed.isEmpty else { return decisions }
      try context.traced(lookup.name, reason: { _ in "removed backups \(removed)" }) {
        try BackupStore(path: lookup.storePath).prune(decisions)
      }
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
    try await changing(store) {
      let stamp = try store.find(stamp)
      let name = (try? store.record(stamp).name) ?? "?"
      try context.traced(name, reason: { _ in "backup \(stamp) is \(pinned ? "" : "no longer ")pinned" }) {
        try store.setPinned(pinned, stamp)
      }
    }
  }

  /// Adds a backup that comes from elsewhere to a store.
  ///
  /// - Parameter bring: brings it whole or not at all.
  package func add(
    _ stamp: Stamp, from path: String, to store: BackupStore, _ bring: () throws -> BackupRecord
  ) async throws -> BackupRecord {
    try await changing(store) {
      let record = try bring()
      try context.traced(record.name, reason: { _ in "imported backup \(stamp) from '\(path)'" }) {}
      return record
    }
  }

  private func changing<Value>(_ store: BackupStore, _ change: () throws -> Value) async throws -> Value {
    try await procedure.underLock {
      if let fault = PathTrust.root.fault(of: store.path) { throw Refusal([StoreTrust.advice(store.path, fault)]) }
      if let fault = store.unwritable() { throw Refusal(["\(fault); mount it read-write and run the command again"]) }
      return try change()
    }
  }
}

/// Compares the consumer groups with where a backup saw them, and puts them back when that is asked for.
package struct CursorCommand {
  private let context: HostContext
  private let procedure: TransactionProcedure

  package init(_ context: HostContext, recorder: StepRecorder) {
    self.context = context
    procedure = TransactionProcedure(context: context, recorder: recorder)
  }

  /// How far each group is from where it stood. Changes nothing.
  ///
  /// - Parameter stamp: as a person wrote it.
  package func look(at stamp: String, in store: BackupStore) throws -> [CursorShift] {
    let record = try read(stamp, in: store)
    return context.redis.shifts(to: record.groups, address(record))
  }

  /// Sets each group to where it stood, under the lock.
  ///
  /// - Parameter skip: also past entries that were never delivered.
  /// - Returns: how far each was.
  /// - Throws: `Refusal` unless all can be put back; none is then.
  package func putBack(_ stamp: String, in store: BackupStore, skip: Bool) async throws -> [CursorShift] {
    try await procedure.underLock { try putBackUnderLock(stamp, in: store, skip: skip) }
  }

  private func putBackUnderLock(_ stamp: String, in store: BackupStore, skip: Bool) throws -> [CursorShift] {
    let record = try read(stamp, in: store)
    let redis = address(record)
    if let fault = context.redis.fault(redis) { throw Refusal([fault]) }
    let shifts = context.redis.shifts(to: record.groups, redis)
    let faults = try running(record) + shifts.compactMap { Self.fault($0, skip: skip) }
    guard faults.isEmpty else { throw Refusal(faults) }
    let moved = shifts.filter { $0.direction != CursorShift.Direction.none }
    let begun = ContinuousClock.now
    let started = context.now()
    try context.redis.put(moved, redis)
    let entry = HistoryEntry(
      name: record.name, command: context.command, outcome: .done, user: context.user,
      reason: "cursors of backup \(record.stamp); \(CursorShift.summary(shifts))", started: started,
      seconds: (ContinuousClock.now - begun) / .seconds(1), exit: ExitStatus.done.rawValue)
    try History(context.state).append(entry)
    context.event(.changed(entry))
    return shifts
  }

  private func read(_ stamp: String, in store: BackupStore) throws -> BackupRecord {
    let stamp = try store.find(stamp)
    // Its description is proved; the files that it holds are not needed here.
    let seen = try store.look(at: stamp, .quick)
    guard let record = seen.record else {
      throw BackupError.backupDamaged(stamp, store: store.path, findings: seen.damage)
    }
    return record
  }

  private func address(_ record: BackupRecord) -> String {
    let manifest = record.installed.flatMap { try? Manifest(yaml: $0.manifest, file: Release.manifestName) }
    return context.redisAddress ?? manifest?.effectiveRedis ?? Manifest.defaultRedis
  }

  /// A consumer that runs would read on from where it is set, or has read what it is set back to.
  private func running(_ record: BackupRecord) throws -> [String] {
    let installed = (try? InstalledReleases(context.state).record(record.name))?.units ?? []
    let units = Set(record.units.map(\.state.unit) + installed).sorted()
    let running = try units.filter { try !context.services.state(of: $0).stopped }
    return running.isEmpty
      ? [] : ["\(running.joined(separator: ", ")) run and read from the groups; stop them first with 'qtctl stop'"]
  }

  private static func fault(_ shift: CursorShift, skip: Bool) -> String? {
    let name = "group '\(shift.group)' of stream '\(shift.stream)'"
    switch shift.direction {
    case nil: return "\(name) cannot be put back: \(shift.sentence)"
    case .skip? where shift.entries != 0 && !skip:
      return "\(name) would skip entries that were never delivered (\(shift.sentence)); add --skip if that is intended"
    default: return nil
    }
  }
}
