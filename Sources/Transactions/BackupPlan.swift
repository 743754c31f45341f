package import Commit
internal import Backups
internal import Deployment
internal import FileOperations
internal import HostState
internal import Preflight
package import Releases
internal import Units

/// A backup that no deploy asks for: what is there of everything that the manifest or the last transaction names.
package struct BackupPlan {
  private let lookup: ManifestLookup
  let store: BackupStore
  let installed: InstalledRecord?
  let inventory: Inventory
  private let desired: DesiredState
  private let reason: String?
  private let volatileStore: Bool
  /// Folders of which only a release knows the files, and none was deployed.
  private let unknown: [String]
  let plan = Plan(steps: [], touched: [])

  private init(_ lookup: ManifestLookup, reason: String?, volatileStore: Bool, _ context: HostContext) throws {
    self.lookup = lookup
    self.reason = reason
    self.volatileStore = volatileStore
    store = BackupStore(path: lookup.storePath)
    // Read now: while this waited for the lock, another transaction may have changed it.
    installed = try InstalledReleases(context.state).record(lookup.name)
    var desired = Self.paths(of: lookup.manifest)
    desired.files += try Self.contents(of: lookup)
    desired = desired.removingLeftovers(of: installed)
    self.desired = desired
    inventory = try InventoryReader(services: context.services, digests: context.digests).read(for: desired)
    unknown = Self.unknownFolders(lookup.manifest, inventory, desired)
  }

  /// The folders of the manifest of whose files none is known.
  private static func unknownFolders(
    _ manifest: Manifest, _ inventory: Inventory, _ desired: DesiredState
  ) -> [String] {
    paths(of: manifest).files.map(\.path).filter { path in
      inventory.file(path).type == .directory && !desired.files.contains { $0.path.hasPrefix(path + "/") }
    }
  }

  /// The files in the folders of the release at hand: a manifest names only the folders, and a deploy replaces what is in
  /// them.
  ///
  /// - Returns: none where there is no release at hand, or its sources are not all there.
  private static func contents(of lookup: ManifestLookup) throws -> [DesiredState.File] {
    guard let file = lookup.file else { return [] }
    let release: Release
    do {
      release = try Release(file)
    } catch is Refusal {
      return []
    }
    let trees = try TreeContents(of: release.desired).removed
    return (release.desired.files.filter { $0.tree != nil } + trees).map { file in
      var path = DesiredState.File(
        path: file.path, unit: file.unit, state: .absent, secret: file.secret, keep: file.keep)
      path.tree = file.tree
      return path
    }
  }

  /// The paths and units that the manifest names; what should be there is not asked.
  private static func paths(of manifest: Manifest) -> DesiredState {
    DesiredState(
      files: manifest.files.map {
        DesiredState.File(path: $0.target, unit: "", state: .absent, secret: $0.secret, keep: $0.keep)
      }
        + manifest.services.flatMap { service in
          service.files.map {
            DesiredState.File(path: $0.target, unit: service.unit, state: .absent, secret: $0.secret, keep: $0.keep)
          }
        },
      units: manifest.services.map(DesiredState.Unit.init))
  }

  /// Takes the backup.
  ///
  /// - Parameter volatileStore: whether a store that a reboot empties will do.
  package static func take(
    _ lookup: ManifestLookup, reason: String?, wait: Duration, volatileStore: Bool = false, _ context: HostContext,
    recorder: StepRecorder
  ) async throws -> TransactionResult {
    try await TransactionProcedure(context: context, recorder: recorder).run(wait: wait) {
      try BackupPlan(lookup, reason: reason, volatileStore: volatileStore, context)
    }
  }
}

extension BackupPlan: Change {
  static let planning = "plan"
  var remark: String { "\(desired.files.count) files" }
  var alwaysBacksUp: Bool { true }
  var verifies: Bool { false }

  var subject: BackupSubject {
    BackupSubject(
      name: lookup.name, desired: desired, groups: lookup.manifest.verify.groups, redis: lookup.manifest.effectiveRedis)
  }

  func begin(_ context: HostContext) -> TransactionJournal.Begin {
    TransactionJournal.Begin(
      name: lookup.name, command: context.command, reason: reason ?? "asked for", user: context.user, pid: Caller.pid,
      started: context.now(), store: store.path, from: installed?.release, to: installed?.release)
  }

  func preflight(_ context: HostContext) throws -> PreflightSituation.Change {
    let need = try DiskSpaceNeed(
      installs: [], saved: inventory.files(of: desired), of: lookup.name, in: store, state: context.state)
    let retention = RetentionQuery(
      store: store, keep: lookup.manifest.backups.keep, name: lookup.name, current: installed?.release.digest,
      incoming: 1)
    var change = PreflightSituation.Change(
      .backup, desired: desired, inventory: inventory, plan: plan, store: store,
      diskSpace: DiskSpace(need: need, retention: retention))
    change.volatileStore = volatileStore
    return change
  }

  func policy(_ context: HostContext) -> CommitPolicy { CommitPolicy(patience: .zero, undoWithin: .zero) }

  func spec(_ context: HostContext) -> VerificationSpec {
    VerificationSpec(units: [], files: [], verify: lookup.manifest.verify, redis: nil)
  }

  func ending(
    _ failures: [Committer.Failure], _ checks: [CheckResult]?, _ transaction: Transaction
  ) throws -> Ending {
    let stamp = transaction.stamp.map(String.init(describing:)) ?? ""
    let folders = unknown.map { "'\($0)'" }.joined(separator: ", ")
    let missing =
      unknown.isEmpty
      ? ""
      : "; not in it are the files of \(folders): qtctl has not deployed them yet, and no complete release is at hand; a deploy "
        + "saves what it replaces"
    return Ending(
      outcome: .backedUp, exit: .done, installed: installed,
      message: "backup \(stamp) is in \(store.path)\(missing)")
  }
}
