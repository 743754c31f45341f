internal import Deployment

/// Takes a backup that no deploy asks for.
public struct BackupTaker {
  private let deployer: Deployer

  public init(_ context: HostContext, recorder: StepRecorder) {
    deployer = Deployer(context, recorder: recorder)
  }

  /// Saves what stands now of everything that the manifest or the last transaction names.
  ///
  /// - Parameter volatileStore: whether a store that a reboot takes away will do.
  public func take(
    _ scope: Scope, reason: String?, wait: Duration, volatileStore: Bool = false
  ) async throws -> TransactionResult {
    let context = deployer.context
    let lock = try deployer.takeLock(wait: wait)
    try await deployer.recoverFirst(lock)
    // Read now: while this waited for the lock, another transaction may have changed it.
    let installed = try InstalledReleases(context.state).record(scope.name)
    let desired = scope.paths.removingLeftovers(of: installed)
    let inventory = try InventoryReader(services: context.services).read(for: desired)
    let faults = try StorePlace.faults(of: scope.store.path, volatile: volatileStore)
    guard faults.isEmpty else { throw HostError.refused(faults) }
    let room = try Room(
      need: RoomNeed(
        installs: [], saved: inventory.files(of: desired), of: scope.name, in: scope.store, state: context.state),
      store: scope.store,
      retention: {
        try scope.store.retention(
          keep: scope.manifest.backups.keep, name: scope.name, current: installed?.release.digest, incoming: 1)
      })
    let shortages = try room.shortages()
    guard shortages.isEmpty else { throw HostError.refused(shortages) }
    try deployer.make(room)
    let transaction = try Transaction(
      context, lock: lock, recorder: deployer.recorder,
      begin: TransactionJournal.Begin(
        name: scope.name, command: context.command, reason: reason ?? "asked for", user: context.user,
        pid: Preflight.pid, started: context.now(), store: scope.store.path, from: installed?.release,
        to: installed?.release))
    let subject = BackupSubject(
      name: scope.name, desired: desired, groups: scope.manifest.verify.groups,
      redis: context.redis ?? scope.manifest.effectiveRedis)
    do {
      let stamp = try transaction.backUp(subject, inventory: inventory, installed: installed)
      return try transaction.finish(
        .backedUp, exit: .done, installed: installed, message: "backup \(stamp) is in \(scope.store.path)")
    } catch {
      throw transaction.abandon(error)
    }
  }
}

extension Scope {
  /// The paths and units that the manifest names; what should stand there is not asked.
  fileprivate var paths: DesiredState {
    DesiredState(
      files: manifest.services.flatMap { service in
        service.files.map {
          DesiredState.File(path: $0.target, unit: service.unit, state: .absent, secret: $0.secret, keep: $0.keep)
        }
      },
      units: manifest.services.map {
        DesiredState.Unit(
          unit: $0.unit, running: true, enablement: .whenNew, ready: $0.ready, stop: $0.stop)
      })
  }
}
