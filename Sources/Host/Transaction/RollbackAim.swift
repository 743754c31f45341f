internal import Deployment

/// All that is known before a rollback touches anything: the proved backup, what is, and the plan between the two.
struct RollbackAim {
  let record: BackupRecord
  let installed: InstalledRecord?
  let desired: DesiredState
  let inventory: Inventory
  let plan: Plan

  init(_ stamp: String?, in store: BackupStore, name: String?, _ context: HostContext) throws {
    let reader = InventoryReader(services: context.services)
    let stamp = try stamp.map(store.find) ?? Self.lastVerified(in: store, name: name, reader)
    let proven = try store.provenRecord(stamp)
    let installed = try InstalledReleases(context.state).record(proven.name)
    func state(of record: BackupRecord) -> DesiredState {
      record.desired(contents: store.contents(stamp)).removingLeftovers(of: installed)
    }
    self.installed = installed
    inventory = try reader.read(for: state(of: proven))
    record = proven.completed(in: inventory)
    desired = state(of: record).unlinked(in: inventory)
    plan = Planner().plan(from: inventory, to: desired)
    let masked = desired.units.filter { !$0.masked && inventory.unit($0.unit).masked }.map(\.unit)
    guard masked.isEmpty else {
      throw HostError.refused(masked.map { "\($0) was masked since and stays masked; run: systemctl unmask \($0)" })
    }
  }

  /// The units that did not run then and are left stopped.
  var stopped: [String] { record.units.map(\.state).filter { $0.exists && !$0.starts }.map(\.unit) }

  /// What the manifest in the backup grants; the default where there is none.
  var deadline: Duration { manifest?.rollback.deadline ?? Manifest.Rollback().deadline }

  var subject: BackupSubject {
    BackupSubject(
      name: record.name, desired: desired, groups: manifest?.verify.groups ?? [], redis: manifest?.effectiveRedis)
  }

  private var manifest: Manifest? {
    record.installed.flatMap { try? Manifest(yaml: $0.manifest, file: $0.folder + "/" + Release.manifestName) }
  }

  /// The newest verified backup whose files differ from those on the host. The units' companions are the host's own: a
  /// drop-in that was mended by hand makes no other release.
  private static func lastVerified(in store: BackupStore, name: String?, _ reader: InventoryReader) throws -> Stamp {
    let known = try store.stamps()
    for stamp in known {
      guard let record = try? store.record(stamp), record.verified, name == nil || record.name == name else { continue }
      var desired = record.desired(contents: store.contents(stamp))
      desired.files.removeAll { $0.role != nil }
      let now = try reader.read(paths: desired.files.map(\.path), units: desired.units.map(\.unit))
      let plan = Planner().plan(from: now, to: desired)
      if plan.steps.contains(where: \.action.changesFile) { return stamp }
    }
    throw HostError.noVerifiedBackup(store: store.path, known: known)
  }
}
