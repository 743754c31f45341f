internal import Commit
package import Backups
internal import Basics
package import Deployment
internal import FileOperations
internal import HostState
internal import KnownDigests
internal import Preflight
package import Releases
internal import Units

/// All that is known before a deploy touches anything: what is, what should be, and the plan between the two.
package struct DeployPlan {
  package let release: Release
  package let options: DeployOptions
  package let installed: InstalledRecord?
  /// The release, and the removal of what an earlier one had and this one has not.
  package let desired: DesiredState
  package let inventory: Inventory
  package let plan: Plan
  package let store: BackupStore

  /// What on the host is not as the last transaction left it.
  package let drift: [Drift]

  package init(_ release: Release, _ options: DeployOptions, _ context: HostContext) throws {
    self.release = release
    self.options = options
    let unknown = options.only.subtracting(release.desired.units.map(\.unit))
    guard unknown.isEmpty else {
      throw Refusal([
        "--only \(unknown.sorted().joined(separator: ", ")): not a unit of the manifest; its units are "
          + release.desired.units.map(\.unit).joined(separator: ", ")
      ])
    }
    installed = try InstalledReleases(context.state).record(release.manifest.name)
    var wanted = release.desired.removingLeftovers(of: installed)
    let contents = try TreeContents(of: wanted)
    wanted.files += contents.removed
    wanted = try wanted.sparing(InstalledReleases(context.state).others(than: release.manifest.name))
    var inventory = try InventoryReader(services: context.services, digests: context.digests).read(for: wanted)
    let links = installed?.files.filter { $0.state.link != nil && inventory.file($0.path).link == $0.state.link } ?? []
    inventory.ownLinks = Set(links.map(\.path))
    self.inventory = inventory
    let desired = wanted.unlinked(in: inventory).labelled(as: inventory).settled(in: inventory)
    self.desired = desired
    let wantedStates = Dictionary(desired.files.map { ($0.path, $0.state) }) { first, _ in first }
    let files = inventory.files
    drift = (installed?.spelled(as: desired).drift(in: inventory) ?? []).filter { drift in
      // What another manifest has too and this release no longer names is that one's: it is not looked at.
      guard files[drift.path] != nil else { return false }
      // What is as the release wants it already is no loss.
      return wantedStates[drift.path].map { !$0.differences(to: drift.found).isEmpty } ?? true
    }
    let restart = options.all ? Set(desired.units.map(\.unit)) : []
    var plan = Planner(only: options.only, restart: restart, renews: true).plan(from: inventory, to: desired)
      .adding(release.manifest.hooks)
    plan.notes = contents.notes
    self.plan = plan
    store = BackupStore(path: options.store ?? StorePath.of(release.manifest, in: release.folder, installed))
  }

  static let planning = "plan"

  /// The plan in a line.
  package var remark: String {
    "\(plan.steps.count) steps"
      + (plan.kept.isEmpty ? "" : "; kept as they are on the host: \(plan.kept.joined(separator: ", "))")
  }

  /// What is on the host once the plan is applied.
  package func record(at time: Int) -> InstalledRecord {
    let applied = desired.files.filter { options.only.isEmpty || options.only.contains($0.unit) }
    let untouched = (installed?.files ?? []).filter { !options.only.isEmpty && !options.only.contains($0.unit) }
    let files = applied.filter(\.state.exists).map { file in
      let current = inventory.file(file.path)
      var installed = InstalledRecord.File(
        path: file.path, unit: file.unit, state: file.keep && current.exists ? current : file.state,
        secret: file.secret, keep: file.keep)
      (installed.tree, installed.restarts) = (file.tree, file.restarts)
      return installed
    }
    let record = InstalledRecord(
      name: release.manifest.name, release: release.identity, folder: release.folder, manifest: release.text,
      store: store.path, units: release.manifest.services.map(\.unit), files: files + untouched, verified: false,
      at: time)
    return plan.isEmpty ? record.ailing(as: installed) : record
  }

}

extension DeployPlan: Change {
  private var manifest: Manifest { release.manifest }
  var verifies: Bool { options.verify }
  var undoes: Bool { options.rollback }
  var hooks: ReleaseHooks? {
    plan.changedFiles.isEmpty ? nil : ReleaseHooks(hooks: manifest.hooks, folder: release.contents)
  }

  var subject: BackupSubject {
    BackupSubject(
      name: manifest.name, desired: desired, groups: manifest.verify.groups, redis: manifest.effectiveRedis)
  }

  func begin(_ context: HostContext) -> TransactionJournal.Begin {
    TransactionJournal.Begin(
      name: manifest.name, command: context.command, reason: options.reason, user: context.user, pid: Caller.pid,
      started: context.now(), store: store.path, from: installed?.release, to: release.identity)
  }

  func preflight(_ context: HostContext) throws -> PreflightSituation.Change {
    let need = try DiskSpaceNeed(
      installs: plan.installs, saved: plan.isEmpty ? [:] : inventory.files(of: desired), of: manifest.name, in: store,
      state: context.state)
    let retention = RetentionQuery(
      store: store, keep: manifest.backups.keep, name: manifest.name, current: installed?.release.digest, incoming: 1)
    var change = PreflightSituation.Change(
      .deploy, desired: desired, inventory: inventory, plan: plan, store: store,
      diskSpace: DiskSpace(need: need, retention: retention))
    change.release = release
    change.installed = installed?.release
    change.again = options.again
    change.volatileStore = options.volatileStore
    return change
  }

  func policy(_ context: HostContext) -> CommitPolicy {
    let stable = options.stable ?? manifest.verify.stable
    return CommitPolicy(patience: stable + manifest.rollback.deadline, undoWithin: manifest.rollback.deadline)
  }

  func spec(_ context: HostContext) -> VerificationSpec {
    var spec = VerificationSpec(record(at: context.now()), manifest: manifest, redis: context.redisAddress)
    spec.units = desired.running(from: inventory)
    spec.stable = options.stable
    return spec
  }

  func evidence(of failure: any Error, _ transaction: Transaction) -> EvidenceSubject? {
    let contents = transaction.stamp.map(store.contents)
    let secrets = installed?.secrets ?? []
    let changed = plan.changedPaths
    let units = manifest.services.map(\.unit)
    return EvidenceSubject(
      release: release.identity, units: units,
      changes: desired.files.filter { changed.contains($0.path) }.map { file in
        FileComparison(
          path: file.path, secret: file.secret || secrets.contains(file.path),
          old: FileComparison.Side(state: inventory.file(file.path), content: contents.map { $0 + file.path }),
          new: FileComparison.Side(state: file.state, content: file.origin))
      }, past: ContinuousClock.now - transaction.start, reason: "\(failure)",
      fault: HistoryEntry.Fault(failure, units: units), failed: Self.failed(failure, units))
  }

  /// The units that a failure is about.
  private static func failed(_ failure: any Error, _ units: [String]) -> [String] {
    switch failure {
    case UnitError.notReady(let unit, _), UnitError.notReloaded(let unit, _): [unit]
    case TransactionError.unhealthy(let checks): units.filter { unit in checks.contains { $0.subject == unit } }
    default: []
    }
  }

  func ending(
    _ failures: [Committer.Failure], _ checks: [CheckResult]?, _ transaction: Transaction
  ) throws -> Ending {
    var record = record(at: transaction.context.now())
    if plan.isEmpty { return confirmation(record, checks) }
    guard let checks else {
      return Ending(
        outcome: .unverified, exit: .done, installed: record,
        message: "\(record.name) \(record.release) is deployed but not verified")
    }
    guard checks.healthy else { throw TransactionError.unhealthy(checks.failures) }
    record.verified = true
    return Ending(
      outcome: .deployed, exit: .done, installed: record.noting(checks),
      message: "\(record.name) \(record.release) is deployed and verified")
  }

  /// The release is what is on the host already.
  private func confirmation(_ record: InstalledRecord, _ checks: [CheckResult]?) -> Ending {
    var record = record
    record.verified = checks?.healthy ?? installed?.verified ?? false
    let healthy = checks?.healthy ?? true
    let message =
      checks == nil
      ? "nothing differs; not verified"
      : healthy
        ? "nothing differs from \(record.release); verified"
        : "nothing differs from \(record.release), but it is not healthy; see the failed checks, then run 'qtctl restart' "
          + "or 'qtctl rollback'"
    return Ending(
      outcome: healthy ? .unchanged : .failed, exit: healthy ? .done : .unhealthy, installed: record, message: message)
  }

  func ending(leaving failure: any Error, _ transaction: Transaction) -> Ending {
    Ending(
      outcome: .failed, exit: .unhealthy, installed: record(at: transaction.context.now()),
      message: "the deploy failed and was left as it is: \(failure)\n\(transaction.evidenceLine)roll back with "
        + "'qtctl rollback \(transaction.stamp.map(String.init(describing:)) ?? "")'", reason: "\(failure)")
  }

  /// Retention after success; a backup that cannot be removed now is removed the next time.
  func tidy(_ transaction: Transaction) {
    guard !plan.isEmpty else { return }
    do {
      try store.prune(
        try store.retention(
          keep: manifest.backups.keep, name: manifest.name, current: release.identity.digest,
          needed: transaction.stamp.map { [$0] } ?? [], known: KnownFolders(in: transaction.context.state.path)))
    } catch {
      // A half removed one is hidden already; the rest of it goes now where the fault has passed, else the next time.
      try? store.sweep()
    }
  }
}

// MARK: - Drift

extension DeployPlan {
  /// The drift, line by line where the content that was left is still known.
  func driftShown(_ context: HostContext) async -> [FileDifference] {
    let secrets = (installed?.secrets ?? []).union(desired.files.filter(\.secret).map(\.path))
    let contents = InstalledContents(context.state, name: release.manifest.name)
    return await DiffRenderer(old: "as it was left", new: "on the host").differences(
      drift.map { drift in
        FileComparison(
          path: drift.path, secret: secrets.contains(drift.path),
          old: FileComparison.Side(state: drift.recorded, content: drift.recorded.sha256.map(contents.path)),
          new: FileComparison.Side(state: drift.found, content: drift.path))
      })
  }
}

extension InstalledRecord {
  /// With each file under the name that a release has for it: where a folder is a symlink, one file has several.
  func spelled(as desired: DesiredState) -> InstalledRecord {
    var places = Places()
    let names = Dictionary(desired.files.map { (places.place(of: $0.path), $0.path) }) { first, _ in first }
    var record = self
    for index in record.files.indices {
      let path = record.files[index].path
      record.files[index].path = names[places.place(of: path)] ?? path
    }
    return record
  }
}

extension DesiredState {
  /// With the files and units that an earlier release had put on the host and this one no longer names: they go.
  package func removingLeftovers(of installed: InstalledRecord?) -> DesiredState {
    guard let installed else { return self }
    // One file may have two names, where a folder above it is a symlink.
    var places = Places()
    let named = Set(files.map { places.place(of: $0.path) })
    let kept = Set(units.map(\.unit))
    let left = installed.files.filter { file in
      !named.contains(places.place(of: file.path)) && !file.keep && !trees.contains { $0.hides(file.path) }
    }
    var state = self
    state.files += left.map { file in
      var gone = File(path: file.path, unit: file.unit, state: .absent, secret: file.secret)
      (gone.tree, gone.restarts) = (file.tree, file.restarts)
      return gone
    }
    let brought = left.compactMap { UnitCompanions.unit(ofFile: $0.path) }
    for unit in (installed.units + brought).uniqued() where !kept.contains(unit) {
      state.units.append(Unit(unit: unit, running: false, enablement: .never))
    }
    return state
  }

  /// Without the removal of files that another manifest has too.
  package func sparing(_ others: [InstalledRecord]) -> DesiredState {
    guard !others.isEmpty else { return self }
    var places = Places()
    let owned = Set(others.flatMap(\.files).map { places.place(of: $0.path) })
    var state = self
    state.files.removeAll { $0.role == nil && !$0.state.exists && owned.contains(places.place(of: $0.path)) }
    return state
  }

  /// With the labels (SELinux) that the files on the host have: that of a release's folder is not the target's, and a new
  /// file takes that of its folder.
  func labelled(as inventory: Inventory) -> DesiredState {
    var state = self
    for index in state.files.indices where state.files[index].role == nil && state.files[index].state.type == .file {
      let label = inventory.file(state.files[index].path).xattrs?[FileState.label]
      guard label != state.files[index].state.xattrs?[FileState.label] else { continue }
      var attributes = state.files[index].state.xattrs ?? [:]
      attributes[FileState.label] = label
      state.files[index].state.xattrs = attributes.isEmpty ? nil : attributes
    }
    return state
  }
}
