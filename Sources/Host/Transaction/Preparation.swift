internal import Deployment

/// All that is known before a deploy touches anything: what is, what should be, and the plan between the two.
struct Preparation {
  let release: Release
  let options: DeployOptions
  let installed: InstalledRecord?
  /// The release, and the removal of what an earlier one had and this one has not.
  let desired: DesiredState
  let inventory: Inventory
  let plan: Plan
  let store: BackupStore

  /// What on the host is not as the last transaction left it.
  let drift: [Drift]

  init(_ release: Release, _ options: DeployOptions, _ context: HostContext) throws {
    self.release = release
    self.options = options
    let unknown = options.only.subtracting(release.desired.units.map(\.unit))
    guard unknown.isEmpty else {
      throw HostError.refused(["--only \(unknown.sorted().joined(separator: ", ")): not a unit of the manifest"])
    }
    installed = try InstalledReleases(context.state).record(release.manifest.name)
    let wanted = release.desired.removingLeftovers(of: installed)
    inventory = try InventoryReader(services: context.services).read(for: wanted)
    desired = wanted.unlinked(in: inventory)
    drift = installed?.drift(in: inventory) ?? []
    let restart = options.all ? Set(desired.units.map(\.unit)) : []
    plan = Planner(only: options.only, restart: restart).plan(from: inventory, to: desired)
    store = BackupStore(path: options.store ?? StorePath.of(release.manifest, in: release.folder, installed))
  }

  func begin(_ context: HostContext) -> TransactionJournal.Begin {
    TransactionJournal.Begin(
      name: release.manifest.name, command: context.command, reason: options.reason, user: context.user,
      pid: Preflight.pid, started: context.now(), store: store.path, from: installed?.release, to: release.identity)
  }

  var subject: BackupSubject {
    BackupSubject(
      name: release.manifest.name, desired: desired, groups: release.manifest.verify.groups,
      redis: release.manifest.effectiveRedis)
  }

  /// The room for the plan and the backup before it.
  func room(_ context: HostContext) throws -> Room {
    let name = release.manifest.name
    return Room(
      need: try RoomNeed(
        installs: plan.installs, saved: plan.isEmpty ? [:] : inventory.files(of: desired), of: name, in: store,
        state: context.state),
      store: store,
      retention: { [self] in
        try store.retention(
          keep: release.manifest.backups.keep, name: name, current: installed?.release.digest, incoming: 1)
      })
  }

  /// The plan in a line.
  var remark: String {
    "\(plan.steps.count) steps"
      + (plan.kept.isEmpty ? "" : "; the host's own are kept: \(plan.kept.joined(separator: ", "))")
  }

  /// What is on the host once the plan is applied.
  func record(at time: Int) -> InstalledRecord {
    let applied = desired.files.filter { options.only.isEmpty || options.only.contains($0.unit) }
    let untouched = (installed?.files ?? []).filter { !options.only.isEmpty && !options.only.contains($0.unit) }
    let files = applied.filter(\.state.exists).map { file in
      let current = inventory.file(file.path)
      return InstalledRecord.File(
        path: file.path, unit: file.unit, state: file.keep && current.exists ? current : file.state,
        secret: file.secret, keep: file.keep)
    }
    return InstalledRecord(
      name: release.manifest.name, release: release.identity, folder: release.folder, manifest: release.text,
      store: store.path, units: release.manifest.services.map(\.unit), files: files + untouched, verified: false,
      at: time)
  }

  func proof(of record: InstalledRecord, _ options: DeployOptions, _ context: HostContext) -> Proof {
    var proof = Proof(record, manifest: release.manifest, redis: context.redis)
    proof.stable = options.stable
    return proof
  }

  /// Retention after success; a backup that cannot be removed now is removed the next time.
  func applyRetention(keeping stamp: Stamp?) {
    do {
      try store.prune(
        try store.retention(
          keep: release.manifest.backups.keep, name: release.manifest.name, current: release.identity.digest,
          needed: stamp.map { [$0] } ?? []))
    } catch {
      // A half removed one is hidden already; the rest of it goes now where the fault has passed, else the next time.
      try? store.sweep()
    }
  }
}

extension DesiredState {
  /// With the files and units that an earlier release had put on the host and this one no longer names: they go.
  func removingLeftovers(of installed: InstalledRecord?) -> DesiredState {
    guard let installed else { return self }
    let named = Set(files.map(\.path))
    let kept = Set(units.map(\.unit))
    var state = self
    state.files += installed.files.filter { !named.contains($0.path) && !$0.keep }.map {
      File(path: $0.path, unit: $0.unit, state: .absent, secret: $0.secret)
    }
    state.units += installed.units.filter { !kept.contains($0) }.map {
      Unit(unit: $0, running: false, enablement: .never)
    }
    return state
  }
}
