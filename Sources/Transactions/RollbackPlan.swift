internal import Commit
internal import Backups
internal import Deployment
internal import FileOperations
internal import HostState
internal import Manifests
internal import Preflight
internal import Releases
internal import Units

/// All that is known before a rollback touches anything: the proved backup, what is, and the plan between the two.
struct RollbackPlan {
  /// A backup that was not chosen for what is wrong with it.
  struct PassedOver: CustomStringConvertible {
    let stamp: Stamp
    let findings: [String]
    var description: String {
      "backup \(stamp) is damaged (\(findings.joined(separator: "; "))) and was skipped"
    }
  }

  let store: BackupStore
  let record: BackupRecord
  let installed: InstalledRecord?
  let desired: DesiredState
  let inventory: Inventory
  let plan: Plan
  /// Until when verified health has to be reached.
  var deadline: ContinuousClock.Instant
  /// How long every unit must stay up; `nil`: as the manifest in the backup says.
  var stable: Duration?
  /// Why, as the user said it.
  var reason: String?
  /// The backups that would have been chosen before this one, and what is wrong with them.
  private(set) var passedOver: [PassedOver] = []
  /// Why what the last transaction left is not known, in words.
  private let unknown: String?
  private let now: Int

  /// The way to one backup, proved or not.
  init(_ record: BackupRecord, in store: BackupStore, _ context: HostContext) throws {
    let installed: InstalledRecord?
    do {
      installed = try InstalledReleases(context.state).record(record.name)
      unknown = nil
    } catch {
      // Its absence must not keep the host from going back; the rollback writes it anew.
      installed = nil
      unknown = "\(error); files that this backup does not list stay as they are"
    }
    // A record that cannot be read must not keep the host from going back either.
    let others = (try? InstalledReleases(context.state).others(than: record.name)) ?? []
    func state(of record: BackupRecord) -> DesiredState {
      record.restored(from: store).removingLeftovers(of: installed).sparing(others)
    }
    self.store = store
    self.installed = installed
    deadline = .now + Manifest.Rollback().deadline
    now = context.now()
    inventory = try InventoryReader(services: context.services, digests: context.digests).read(
      for: state(of: record))
    self.record = record.completed(in: inventory)
    desired = state(of: self.record).unlinked(in: inventory)
    var planner = Planner(renews: true)
    planner.takesReloads = false
    plan = planner.plan(from: inventory, to: desired)
  }

  /// The backup by its stamp, its age and what it holds.
  var title: String {
    "backup \(record.stamp) of \(record.name), \(UTC.age(of: record.stamp.seconds, at: now)) old, "
      + (record.installed.map { "release \($0.release)" } ?? "the state before qtctl's first deploy")
  }

  /// What a person should know of how this plan came about; each a sentence.
  var remarks: [String] { passedOver.map(\.description) + [unknown, removal, migration].compactMap(\.self) }

  /// What going back to before the first deploy means, in words; `nil` where that is not where it goes.
  private var removal: String? {
    guard record.installed == nil else { return nil }
    let then = Set(record.units.filter(\.state.exists).map(\.state.unit))
    let gone = desired.units.map(\.unit).filter { inventory.unit($0).exists && !then.contains($0) }
    return gone.isEmpty
      ? nil : "this goes back to before qtctl's first deploy and removes \(gone.joined(separator: ", "))"
  }

  /// That the migration of the release that is left stays, and what takes it back; `nil` where it had none.
  private var migration: String? {
    guard let left = installed, left.release != record.installed?.release, let hook = left.decoded?.hooks.migrate else {
      return nil
    }
    let undo = hook.undo.map { "if it has to be taken back, run in '\(left.folder)': \($0.joined(separator: " "))" }
    return "what hook migrate of release \(left.release) did stays (a rollback does not undo it); "
      + (undo ?? "it has no 'undo'")
  }

  /// Whether what a manifest names is not what the backup holds. What else belongs to the units is the host's own: a
  /// drop-in that was fixed by hand makes no other release.
  var changesRelease: Bool {
    desired.files.contains { $0.role == nil && !inventory.file($0.path).differences(to: $0.state).isEmpty }
  }

  /// The units that did not run then and are left stopped.
  private var stopped: [String] { record.units.map(\.state).filter { $0.exists && !$0.starts }.map(\.unit) }

  /// What the manifest in the backup grants; the default where there is none.
  var grantedDeadline: Duration { manifest?.rollback.deadline ?? Manifest.Rollback().deadline }

  private var manifest: Manifest? { record.installed?.decoded }
}

// MARK: - The choice

extension RollbackPlan {
  /// - Parameters:
  ///   - stamp: as a person wrote it; `nil`: the newest verified one whose files differ from those on the host and whose
  ///     every byte is proved; where no verified one exists, the state that qtctl found, if its units were running. A
  ///     damaged one is passed over, and said.
  ///   - name: only backups of that manifest are chosen from; `nil`: any.
  static func choose(
    _ stamp: String?, in store: BackupStore, name: String?, _ context: HostContext
  ) throws -> RollbackPlan {
    let plan =
      if let stamp {
        try RollbackPlan(store.provenRecord(store.find(stamp)), in: store, context)
      } else {
        try newest(in: store, name: name, context)
      }
    let masked = plan.desired.units.filter { !$0.masked && plan.inventory.unit($0.unit).masked }.map(\.unit)
    guard masked.isEmpty else {
      throw Refusal(masked.map { "\($0) has been masked since and would stay masked; run: systemctl unmask \($0)" })
    }
    return plan
  }

  private static func newest(in store: BackupStore, name: String?, _ context: HostContext) throws -> RollbackPlan {
    let known = try store.stamps()
    if name == nil { try refuseDoubt(known, in: store) }
    for isCandidate in [\BackupRecord.verified, \BackupRecord.isFoundRunning] {
      if let plan = try newest(known, where: isCandidate, in: store, name: name, context) { return plan }
    }
    let candidates = known.map { BackupError.Candidate($0, try? store.record($0)) }
    throw BackupError.noVerifiedBackup(store: store.path, candidates: candidates)
  }

  /// - Returns: `nil` where none of the candidates differs from what is on the host.
  /// - Throws: `BackupError.backupDamaged` when those that do are damaged.
  private static func newest(
    _ known: [Stamp], where isCandidate: KeyPath<BackupRecord, Bool>, in store: BackupStore, name: String?,
    _ context: HostContext
  ) throws -> RollbackPlan? {
    let names = Set([name].compactMap(\.self) + ((try? InstalledReleases(context.state).names()) ?? []))
    let left = try Dictionary(uniqueKeysWithValues: names.map { ($0, try History(context.state).left(of: $0)) })
    var passedOver: [PassedOver] = []
    // Backups of one and the same state are compared with the host once.
    var same: Set<[BackupRecord.Entry]> = []
    for stamp in known {
      let seen = try store.look(at: stamp, .quick)
      // One that cannot be read may have been the right one.
      guard let record = seen.record ?? (try? store.record(stamp)) else {
        passedOver.append(PassedOver(stamp: stamp, findings: seen.damage))
        continue
      }
      guard record[keyPath: isCandidate], name == nil || record.name == name, !same.contains(record.entries) else {
        continue
      }
      // Back is never forward: what a rollback has left is gone back to by its stamp alone.
      if let left = left[record.name] {
        let release = record.installed?.release.digest
        if left.stamps.contains(stamp) || release.map(left.releases.contains) ?? false { continue }
      }
      var plan = try RollbackPlan(record, in: store, context)
      guard plan.changesRelease else {
        same.insert(record.entries)
        continue
      }
      let damage = seen.damage.isEmpty ? try store.look(at: stamp, .everyByte).damage : seen.damage
      plan.passedOver = passedOver
      guard !damage.isEmpty else { return plan }
      passedOver.append(PassedOver(stamp: stamp, findings: damage))
    }
    guard let newest = passedOver.first else { return nil }
    throw BackupError.backupDamaged(newest.stamp, store: store.path, findings: newest.findings)
  }

  /// Where the store serves several manifests, somebody has to say which is meant.
  private static func refuseDoubt(_ known: [Stamp], in store: BackupStore) throws {
    let names = Set(known.compactMap { try? store.record($0).name }).sorted()
    guard names.count < 2 else {
      throw Refusal([
        "'\(store.path)' holds backups of \(names.joined(separator: ", ")); choose one with --name NAME, or name a stamp"
      ])
    }
  }
}

// MARK: - The transaction

extension RollbackPlan: Change {
  static let planning = "check the backup"
  var remark: String { (remarks + ["rolling back to \(title); \(plan.steps.count) steps"]).joined(separator: "; ") }

  var subject: BackupSubject {
    BackupSubject(
      name: record.name, desired: desired, groups: manifest?.verify.groups ?? [], redis: manifest?.effectiveRedis)
  }

  func begin(_ context: HostContext) -> TransactionJournal.Begin {
    TransactionJournal.Begin(
      name: record.name, command: context.command, reason: reason, user: context.user, pid: Caller.pid,
      started: context.now(), store: store.path, from: installed?.release, to: record.installed?.release)
  }

  func preflight(_ context: HostContext) throws -> PreflightSituation.Change {
    let need = try DiskSpaceNeed(
      installs: plan.installs, saved: plan.isEmpty ? [:] : inventory.files(of: desired), of: record.name, in: store,
      state: context.state)
    let retention = RetentionQuery(
      store: store, keep: manifest?.backups.keep ?? Manifest.Backups().keep, name: record.name,
      current: installed?.release.digest, needed: [record.stamp], incoming: 1)
    var change = PreflightSituation.Change(
      .rollback, desired: desired, inventory: inventory, plan: plan, store: store,
      diskSpace: DiskSpace(need: need, retention: retention))
    change.stamp = record.stamp
    return change
  }

  func policy(_ context: HostContext) -> CommitPolicy {
    CommitPolicy(
      tolerance: .services, deadline: deadline, patience: max(.zero, deadline - .now), undoWithin: grantedDeadline)
  }

  func spec(_ context: HostContext) -> VerificationSpec {
    var spec = VerificationSpec(record, redis: context.redisAddress)
    spec.stable = spec.stable ?? stable
    return spec.limited(by: deadline)
  }

  /// What is kept of the release that is left.
  func evidenceBefore(_ context: HostContext) -> EvidenceSubject? {
    guard let left = installed else { return nil }
    let age = context.now() - History(context.state).beginning(of: left)
    let changed = plan.changedPaths
    let secrets = record.secrets.union(left.secrets)
    return EvidenceSubject(
      release: left.release, units: left.units,
      changes: desired.files.filter { changed.contains($0.path) }
        .map { $0.compared(with: inventory, secrets: secrets) },
      past: .seconds(age + 1), reason: reason ?? "it was rolled back",
      limit: min(.seconds(2), (deadline - .now) / 10))
  }

  func ending(
    _ failures: [Committer.Failure], _ checks: [CheckResult]?, _ transaction: Transaction
  ) throws -> Ending {
    let checks = checks ?? []
    let faults = failures.map(\.description) + checks.failures.map(\.sentence)
    let healthy = failures.isEmpty && checks.healthy
    var installed = record.installed?.noting(checks)
    installed?.verified = healthy
    // On a host that knows of no store, it is the one that has just been used.
    if self.installed == nil, unknown == nil { installed?.store = store.path }
    let more = stopped.count > 4 ? " and \(stopped.count - 3) more" : ""
    let some = (more.isEmpty ? stopped : Array(stopped.prefix(3))).joined(separator: ", ")
    let left = stopped.isEmpty ? "" : "; left stopped, as they were then: \(some)\(more)"
    let what = remarks.map { $0 + "\n" }.joined() + title + ","
    let evidence = transaction.evidence.map { "; logs and diff of the state before: \($0)" } ?? ""
    return Ending(
      outcome: healthy ? (plan.isEmpty ? .unchanged : .rolledBack) : .failed, exit: healthy ? .done : .unhealthy,
      installed: installed,
      message: healthy
        ? (plan.isEmpty ? "\(what) is already in place; verified" : "\(what) is restored and verified healthy") + left
          + evidence
        : "\(what) was restored but is not verified healthy: \(faults.joined(separator: "; "))\n"
          + transaction.evidenceLine
          + "see 'qtctl status' and 'qtctl logs'; for another state: 'qtctl backups list', 'qtctl rollback STAMP'")
  }
}
