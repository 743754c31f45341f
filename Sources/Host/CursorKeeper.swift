public import Deployment

/// Compares the consumer groups with where a backup saw them, and puts them back when that is asked for.
public struct CursorKeeper {
  private let deployer: Deployer
  private var context: HostContext { deployer.context }

  public init(_ context: HostContext, recorder: StepRecorder) { deployer = Deployer(context, recorder: recorder) }

  /// How far each group is from where it stood. Changes nothing.
  ///
  /// - Parameter stamp: as a person wrote it.
  public func look(at stamp: String, in store: BackupStore) throws -> [CursorShift] {
    let record = try read(stamp, in: store)
    return RedisLook.shifts(to: record.groups, address(record))
  }

  /// Sets each group to where it stood, under the lock.
  ///
  /// - Parameter skip: also past entries that were never delivered.
  /// - Returns: how far each was.
  /// - Throws: `HostError.refused` unless all can be put back; none is then.
  public func putBack(_ stamp: String, in store: BackupStore, skip: Bool) async throws -> [CursorShift] {
    let lock = try deployer.takeLock(wait: .zero)
    defer { withExtendedLifetime(lock) {} }
    try await deployer.recoverFirst(lock)
    let record = try read(stamp, in: store)
    let redis = address(record)
    if let fault = context.redisFault(redis) { throw HostError.refused([fault]) }
    let shifts = RedisLook.shifts(to: record.groups, redis)
    let faults = try running(record) + shifts.compactMap { Self.fault($0, skip: skip) }
    guard faults.isEmpty else { throw HostError.refused(faults) }
    let moved = shifts.filter { $0.direction != CursorShift.Direction.none }
    let begun = ContinuousClock.now
    let started = context.now()
    try RedisLook.put(moved, redis)
    try History(context.state).append(
      HistoryEntry(
        name: record.name, command: context.command, outcome: .done, user: context.user,
        reason: "cursors of backup \(record.stamp); \(CursorShift.summary(shifts))", started: started,
        seconds: (ContinuousClock.now - begun) / .seconds(1), exit: ExitStatus.done.rawValue))
    return shifts
  }

  private func read(_ stamp: String, in store: BackupStore) throws -> BackupRecord {
    let stamp = try store.find(stamp)
    // Its description is proved; the files that it holds are not needed here.
    let seen = try store.look(at: stamp, .quick)
    guard let record = seen.record else {
      throw HostError.backupDamaged(stamp, store: store.path, findings: seen.damage)
    }
    return record
  }

  private func address(_ record: BackupRecord) -> String {
    let manifest = record.installed.flatMap { try? Manifest(yaml: $0.manifest, file: Release.manifestName) }
    return context.redis ?? manifest?.effectiveRedis ?? Manifest.defaultRedis
  }

  /// A consumer that runs would read on from where it is set, or has read what it is set back to.
  private func running(_ record: BackupRecord) throws -> [String] {
    let installed = (try? InstalledReleases(context.state).record(record.name))?.units ?? []
    let units = Set(record.units.map(\.state.unit) + installed).sorted()
    let running = try units.filter { try !context.services.state(of: $0).stopped }
    return running.isEmpty
      ? [] : ["\(running.joined(separator: ", ")) run and read from the groups; stop them first: qtctl stop"]
  }

  private static func fault(_ shift: CursorShift, skip: Bool) -> String? {
    let name = "group '\(shift.group)' of stream '\(shift.stream)'"
    switch shift.direction {
    case nil: return "\(name) cannot be put back: \(shift.sentence)"
    case .skip? where shift.entries != 0 && !skip:
      return "\(name) would go past entries that nobody has had (\(shift.sentence)); say --skip if that is meant"
    default: return nil
    }
  }
}
