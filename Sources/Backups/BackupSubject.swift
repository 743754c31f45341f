internal import Basics
package import Deployment
internal import EventBus
internal import FileOperations

/// What a backup saves: every path and unit that the coming change may touch.
package struct BackupSubject {
  /// The manifest's name.
  package var name: String
  package var desired: DesiredState
  package var groups: [Manifest.ConsumerGroup]
  /// The address of Redis; `nil` where nothing concerns Redis.
  package var redis: String?

  package init(name: String, desired: DesiredState, groups: [Manifest.ConsumerGroup], redis: String? = nil) {
    self.name = name
    self.desired = desired
    self.groups = groups
    self.redis = redis
  }

  package func record(
    stamp: Stamp, inventory: Inventory, installed: InstalledRecord?, cursors: [BackupRecord.Cursor], user: String,
    reason: String
  ) -> BackupRecord {
    let (entries, newFolders) = entries(inventory)
    var parents: Set<String> = []
    let missing = entries.flatMap { entry in
      parents.insert(Files.parent(of: entry.path)).inserted ? Files.missingFolders(above: entry.path) : []
    }
    let above = newFolders.flatMap { Files.missingFolders(above: $0) + [$0] }
    let folders = (missing + above).uniqued()
    // What was verified and is no longer as it was then is not a verified state.
    let untouched =
      installed.map { record in
        record.verified && record.drift(in: inventory).isEmpty
          && record.units.allSatisfy { isAsItShould($0, inventory) }
      } ?? false
    return BackupRecord(
      name: name, stamp: stamp, host: Accounts.hostName(), user: user, reason: reason,
      entries: entries,
      absentFolders: folders,
      units: desired.units.map {
        BackupRecord.Unit(
          state: inventory.unit($0.unit), ready: inventory.ready($0) / .seconds(1),
          stop: inventory.stop($0) / .seconds(1), type: inventory.facts[$0.unit]?.serviceType)
      },
      groups: cursors,
      installed: installed, verified: untouched)
  }

  /// Whether the unit is up, or may be down.
  private func isAsItShould(_ unit: String, _ inventory: Inventory) -> Bool {
    let state = inventory.unit(unit)
    guard let facts = inventory.facts[unit] else { return state.running }
    let target = desired.units.first { $0.unit == unit }?.target ?? facts.standardTarget
    return target == .running ? facts.isUp(state) : target == .asFound || !state.running
  }

  /// What the change concerns, and what else belongs to the units. What a manifest names is the manifest's.
  ///
  /// - Returns: beside it the folders of the change that do not exist: there is nothing of them to put back.
  private func entries(_ inventory: Inventory) -> (all: [BackupRecord.Entry], newFolders: [String]) {
    let named = Set(desired.files.map(\.path))
    let roles = Dictionary(inventory.companions.map { ($0.path, $0.role) }) { first, _ in first }
    func isNewFolder(_ file: DesiredState.File) -> Bool {
      file.state.type == .directory && !inventory.file(file.path).exists
    }
    let own = desired.files.filter { !isNewFolder($0) }.map { file in
      BackupRecord.Entry(
        path: file.path, unit: file.unit, role: file.role.map { roles[file.path] ?? $0 }, secret: file.secret,
        state: inventory.file(file.path))
    }
    let others = inventory.companions.filter { !named.contains($0.path) }.map {
      BackupRecord.Entry(
        path: $0.path, unit: $0.unit, role: $0.role, secret: $0.role == .environment, state: inventory.file($0.path))
    }
    return (own + others, desired.files.filter(isNewFolder).map(\.path))
  }
}
