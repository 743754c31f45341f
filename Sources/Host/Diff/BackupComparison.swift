internal import Deployment

/// Compares a backup with the host, or with another backup. Only looks.
public struct BackupComparison {
  let store: BackupStore

  public init(_ store: BackupStore) { self.store = store }

  /// What has changed on the host since a backup was taken: all that a rollback to it would put back.
  public func withHost(_ stamp: String, _ context: HostContext) async throws -> HostDifference {
    let aim = try RollbackAim(store.record(store.find(stamp)), in: store, context)
    let (record, inventory) = (aim.record, aim.inventory)
    let secrets = record.secrets.union(aim.installed?.secrets ?? [])
    let units = Dictionary(record.units.map { ($0.state.unit, $0.state) }) { first, _ in first }
    let differ = Differ(old: "in \(record.stamp)", new: "on the host")
    return HostDifference(
      old: record.stamp.description, new: "the host",
      files: await differ.differences(aim.desired.files.map { $0.compared(with: inventory, secrets: secrets) }),
      units: aim.desired.units.compactMap { unit in
        let absent = UnitState(unit: unit.unit, load: "not-found", active: "inactive")
        return HostDifference.Unit(units[unit.unit] ?? absent, inventory.unit(unit.unit))
      }, unknown: [])
  }

  /// What differs from one backup to another.
  public func between(_ first: String, _ second: String) async throws -> HostDifference {
    let (old, new) = (try store.record(store.find(first)), try store.record(store.find(second)))
    let after = Dictionary(new.entries.map { ($0.path, $0) }) { first, _ in first }
    let unitsAfter = Dictionary(new.units.map { ($0.state.unit, $0.state) }) { first, _ in first }
    let secrets = old.secrets.union(new.secrets)
    let comparisons = old.entries.compactMap { entry in
      after[entry.path].map { other in
        FileComparison(
          path: entry.path, secret: secrets.contains(entry.path), old: side(entry, in: old), new: side(other, in: new))
      }
    }
    let names = [old, new].map { record in Set(record.entries.map(\.path) + record.units.map(\.state.unit)) }
    return HostDifference(
      old: old.stamp.description, new: new.stamp.description,
      files: await Differ(old: "in \(old.stamp)", new: "in \(new.stamp)").differences(comparisons),
      units: old.units.compactMap { unit in
        unitsAfter[unit.state.unit].flatMap { HostDifference.Unit(unit.state, $0) }
      }, unknown: names[0].symmetricDifference(names[1]).sorted())
  }

  private func side(_ entry: BackupRecord.Entry, in record: BackupRecord) -> FileComparison.Side {
    FileComparison.Side(state: entry.state, content: store.contents(record.stamp) + entry.path)
  }
}
