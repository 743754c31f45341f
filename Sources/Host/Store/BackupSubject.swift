internal import Deployment

/// What a backup saves: every path and unit that the coming change may touch.
struct BackupSubject {
  /// The manifest's name.
  var name: String
  var desired: DesiredState
  var groups: [Manifest.ConsumerGroup]
  /// The address of Redis; `nil` where nothing concerns Redis.
  var redis: String?

  func record(
    stamp: Stamp, inventory: Inventory, installed: InstalledRecord?, context: HostContext, reason: String
  ) -> BackupRecord {
    var folders: [String] = []
    let entries = entries(inventory)
    for entry in entries {
      folders += Files.missingFolders(above: entry.path).filter { !folders.contains($0) }
    }
    // What was verified and is no longer as it was then is not a verified state.
    let untouched =
      installed.map { record in
        record.verified && record.drift(in: inventory).isEmpty && record.units.allSatisfy { inventory.unit($0).running }
      } ?? false
    return BackupRecord(
      name: name, stamp: stamp, host: Accounts.hostName(), user: context.user, reason: reason,
      entries: entries,
      absentFolders: folders,
      units: desired.units.map {
        BackupRecord.Unit(
          state: inventory.unit($0.unit), ready: $0.ready / .seconds(1), stop: $0.stop / .seconds(1))
      },
      groups: redis.map { context.cursors(groups, $0) } ?? [],
      installed: installed, verified: untouched)
  }

  /// What the change concerns, and what else belongs to the units. What a manifest names is the manifest's.
  private func entries(_ inventory: Inventory) -> [BackupRecord.Entry] {
    let named = Set(desired.files.map(\.path))
    let roles = Dictionary(inventory.companions.map { ($0.path, $0.role) }) { first, _ in first }
    let own = desired.files.map { file in
      BackupRecord.Entry(
        path: file.path, unit: file.unit, role: file.role.map { roles[file.path] ?? $0 }, secret: file.secret,
        state: inventory.file(file.path))
    }
    let others = inventory.companions.filter { !named.contains($0.path) }.map {
      BackupRecord.Entry(
        path: $0.path, unit: $0.unit, role: $0.role, secret: $0.role == .environment, state: inventory.file($0.path))
    }
    return own + others
  }
}
