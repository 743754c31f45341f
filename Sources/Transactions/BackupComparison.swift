package import Backups
package import Deployment
package import FileOperations

/// What differs between two states of what one manifest names: between a backup and the host, or two backups.
package struct HostDifference: Sendable, Encodable {
  /// A unit that is not in the same state.
  package struct Unit: Sendable, Hashable, Encodable {
    package var unit: String
    /// What differs, in words: old → new.
    package var differences: [String]
  }

  /// What the two sides are: a stamp, `the host`.
  package var old: String
  package var new: String
  package var files: [FileDifference]
  package var units: [Unit]
  /// Paths and units that only one of two backups knows of, so that nothing can be said of a difference.
  package var unknown: [String]

  package var isEmpty: Bool { files.isEmpty && units.isEmpty && unknown.isEmpty }
}

extension HostDifference.Unit {
  /// `nil` where both are the same: there, running, enabled alike.
  package init?(_ old: UnitState, _ new: UnitState) {
    var words: [String] = []
    if old.exists != new.exists { words.append("\(Self.presence(old)) → \(Self.presence(new))") }
    if old.running != new.running { words.append("\(Self.running(old)) → \(Self.running(new))") }
    if old.enablement != new.enablement {
      words.append("\(Self.enablement(old)) → \(Self.enablement(new))")
    }
    guard !words.isEmpty else { return nil }
    self.init(unit: old.unit, differences: words)
  }

  private static func presence(_ state: UnitState) -> String { state.exists ? "there" : "not there" }
  private static func running(_ state: UnitState) -> String { state.running ? "running" : state.active }
  private static func enablement(_ state: UnitState) -> String {
    state.enablement.isEmpty ? "no unit file" : state.enablement
  }
}

/// Compares a backup with the host, or with another backup. Only looks.
package struct BackupComparison {
  package let store: BackupStore

  package init(_ store: BackupStore) { self.store = store }

  /// What has changed on the host since a backup was taken: all that a rollback to it would put back.
  package func withHost(_ stamp: String, _ context: HostContext) async throws -> HostDifference {
    let aim = try RollbackPlan(store.record(store.find(stamp)), in: store, context)
    let (record, inventory) = (aim.record, aim.inventory)
    let secrets = record.secrets.union(aim.installed?.secrets ?? [])
    let units = Dictionary(record.units.map { ($0.state.unit, $0.state) }) { first, _ in first }
    let differ = DiffRenderer(old: "in \(record.stamp)", new: "on the host")
    return HostDifference(
      old: record.stamp.description, new: "the host",
      files: await differ.differences(aim.desired.files.map { $0.compared(with: inventory, secrets: secrets) }),
      units: aim.desired.units.compactMap { unit in
        let absent = UnitState(unit: unit.unit, load: "not-found", active: "inactive")
        return HostDifference.Unit(units[unit.unit] ?? absent, inventory.unit(unit.unit))
      }, unknown: [])
  }

  /// What differs from one backup to another.
  package func between(_ first: String, _ second: String) async throws -> HostDifference {
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
    func names(_ record: BackupRecord) -> Set<String> {
      Set(record.entries.map(\.path) + record.units.map(\.state.unit))
    }
    return HostDifference(
      old: old.stamp.description, new: new.stamp.description,
      files: await DiffRenderer(old: "in \(old.stamp)", new: "in \(new.stamp)").differences(comparisons),
      units: old.units.compactMap { unit in
        unitsAfter[unit.state.unit].flatMap { HostDifference.Unit(unit.state, $0) }
      }, unknown: names(old).symmetricDifference(names(new)).sorted())
  }

  private func side(_ entry: BackupRecord.Entry, in record: BackupRecord) -> FileComparison.Side {
    FileComparison.Side(state: entry.state, content: store.contents(record.stamp) + entry.path)
  }
}
