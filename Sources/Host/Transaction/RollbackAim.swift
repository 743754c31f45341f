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
    record = try store.provenRecord(stamp)
    installed = try InstalledReleases(context.state).record(record.name)
    desired = record.desired(contents: store.contents(stamp)).removingLeftovers(of: installed)
    inventory = try reader.read(for: desired)
    plan = Planner().plan(from: inventory, to: desired)
    let masked = desired.units.filter { $0.running && inventory.unit($0.unit).masked }.map(\.unit)
    guard masked.isEmpty else {
      throw HostError.refused(masked.map { "\($0) is masked and could not be started; run: systemctl unmask \($0)" })
    }
  }

  /// The units that did not run then and are left stopped.
  var stopped: [String] { record.units.map(\.state).filter { $0.exists && !$0.running }.map(\.unit) }

  /// What the manifest in the backup grants; the default where there is none.
  var deadline: Duration { manifest?.rollback.deadline ?? Manifest.Rollback().deadline }

  var subject: BackupSubject {
    BackupSubject(
      name: record.name, desired: desired, groups: manifest?.verify.groups ?? [], redis: manifest?.effectiveRedis)
  }

  private var manifest: Manifest? {
    record.installed.flatMap { try? Manifest(yaml: $0.manifest, file: $0.folder + "/" + Release.manifestName) }
  }

  /// The newest verified backup whose files differ from those on the host.
  private static func lastVerified(in store: BackupStore, name: String?, _ reader: InventoryReader) throws -> Stamp {
    let known = try store.stamps()
    for stamp in known {
      guard let record = try? store.record(stamp), record.verified, name == nil || record.name == name else { continue }
      let desired = record.desired(contents: store.contents(stamp))
      let plan = try Planner().plan(from: reader.read(for: desired), to: desired)
      if plan.steps.contains(where: \.action.changesFile) { return stamp }
    }
    throw HostError.noVerifiedBackup(store: store.path, known: known)
  }
}
