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
    for file in desired.files {
      folders += Files.missingFolders(above: file.path).filter { !folders.contains($0) }
    }
    // What was verified and is no longer as it was then is not a verified state.
    let untouched =
      installed.map { record in
        record.verified && record.drift(in: inventory).isEmpty && record.units.allSatisfy { inventory.unit($0).running }
      } ?? false
    return BackupRecord(
      name: name, stamp: stamp, host: Accounts.hostName(), user: context.user, reason: reason,
      entries: desired.files.map {
        BackupRecord.Entry(path: $0.path, unit: $0.unit, secret: $0.secret, state: inventory.file($0.path))
      },
      absentFolders: folders,
      units: desired.units.map {
        BackupRecord.Unit(
          state: inventory.unit($0.unit), ready: $0.ready / .seconds(1), stop: $0.stop / .seconds(1))
      },
      groups: redis.map { context.cursors(groups, $0) } ?? [],
      installed: installed, verified: untouched)
  }
}
