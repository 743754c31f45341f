internal import Deployment

/// All that is known before a rollback touches anything: the proved backup, what is, and the plan between the two.
struct RollbackAim {
  let record: BackupRecord
  let installed: InstalledRecord?
  let desired: DesiredState
  let inventory: Inventory
  let plan: Plan
  /// The backups that would have been chosen before this one, and what is wrong with them.
  private(set) var passedOver: [RollbackChoice.PassedOver] = []
  /// Why what the last transaction left is not known, in words.
  private let unknown: String?
  private let now: Int

  /// - Parameters:
  ///   - stamp: as a person wrote it; `nil`: the last verified one whose files differ from those on the host.
  ///   - name: only backups of that manifest are chosen from; `nil`: any.
  init(_ stamp: String?, in store: BackupStore, name: String?, _ context: HostContext) throws {
    if let stamp {
      self = try Self(store.provenRecord(store.find(stamp)), in: store, context)
    } else {
      self = try RollbackChoice(store: store, name: name, context: context).make()
    }
    let masked = desired.units.filter { !$0.masked && inventory.unit($0.unit).masked }.map(\.unit)
    guard masked.isEmpty else {
      throw HostError.refused(masked.map { "\($0) was masked since and stays masked; run: systemctl unmask \($0)" })
    }
  }

  /// The aim at one backup, proved or not.
  init(_ record: BackupRecord, in store: BackupStore, _ context: HostContext) throws {
    let installed: InstalledRecord?
    do {
      installed = try InstalledReleases(context.state).record(record.name)
      unknown = nil
    } catch {
      // Its absence must not keep the host from going back; the rollback writes it anew.
      installed = nil
      unknown = "\(error); what this backup does not name stays as it is"
    }
    func state(of record: BackupRecord) -> DesiredState {
      record.desired(contents: store.contents(record.stamp)).removingLeftovers(of: installed)
    }
    self.installed = installed
    now = context.now()
    inventory = try InventoryReader(services: context.services).read(for: state(of: record))
    self.record = record.completed(in: inventory)
    desired = state(of: self.record).unlinked(in: inventory)
    plan = Planner().plan(from: inventory, to: desired)
  }

  func passing(over others: [RollbackChoice.PassedOver]) -> RollbackAim {
    var aim = self
    aim.passedOver = others
    return aim
  }

  /// The backup by its stamp, its age and what it holds.
  var title: String {
    "backup \(record.stamp) of \(record.name), \(UTC.age(of: record.stamp.seconds, at: now)) old, "
      + (record.installed.map { "release \($0.release)" } ?? "what stood before qtctl's first deploy")
  }

  /// What a person should know of how this aim came about; each a sentence.
  var remarks: [String] { passedOver.map(\.description) + [unknown].compactMap(\.self) }

  /// Whether what a manifest names is not what the backup holds. The units' companions are the host's own: a drop-in that
  /// was mended by hand makes no other release.
  var changesRelease: Bool {
    desired.files.contains { $0.role == nil && !inventory.file($0.path).differences(to: $0.state).isEmpty }
  }

  /// The units that did not run then and are left stopped.
  var stopped: [String] { record.units.map(\.state).filter { $0.exists && !$0.starts }.map(\.unit) }

  /// What the manifest in the backup grants; the default where there is none.
  var deadline: Duration { manifest?.rollback.deadline ?? Manifest.Rollback().deadline }

  var subject: BackupSubject {
    BackupSubject(
      name: record.name, desired: desired, groups: manifest?.verify.groups ?? [], redis: manifest?.effectiveRedis)
  }

  /// The room for the plan and the backup before it.
  func room(in store: BackupStore, _ context: HostContext) throws -> Room {
    Room(
      need: try RoomNeed(
        installs: plan.installs, saved: plan.isEmpty ? [:] : inventory.files(of: desired), of: record.name, in: store,
        state: context.state),
      store: store,
      retention: { [self] in
        try store.retention(
          keep: manifest?.backups.keep ?? Manifest.Backups().keep, name: record.name,
          current: installed?.release.digest, needed: [record.stamp], incoming: 1)
      })
  }

  private var manifest: Manifest? {
    record.installed.flatMap { try? Manifest(yaml: $0.manifest, file: $0.folder + "/" + Release.manifestName) }
  }
}
