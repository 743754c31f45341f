extension BackupRecord {
  /// This backup for a rollback: with what belongs to its units now and did not then, as absent.
  ///
  /// A backup that knows no companion of a unit says nothing of those that are there now.
  public func completed(in inventory: Inventory) -> BackupRecord {
    let known = Set(entries.filter { $0.role != nil }.map(\.unit))
    return adding(inventory.companions.filter { $0.isOfItsPlace && known.contains($0.unit) }, absentIn: inventory)
  }

  /// This backup for the undo of the transaction that took it: the companions that it may have changed, and no other,
  /// since no backup is taken of what somebody made of them meanwhile.
  ///
  /// - Parameter changed: the paths that its plan named. Besides, it enables units that are new to the host.
  public func undoing(_ changed: Set<String>, in inventory: Inventory) -> BackupRecord {
    let new = Set(units.filter { !$0.state.exists }.map(\.state.unit))
    var record = adding(
      inventory.companions.filter { $0.role == .link && new.contains($0.unit) }, absentIn: inventory)
    let added = Set(record.entries.map(\.path)).subtracting(entries.map(\.path))
    record.entries.removeAll { $0.role != nil && !changed.contains($0.path) && !added.contains($0.path) }
    return record
  }

  private func adding(_ companions: [Companion], absentIn inventory: Inventory) -> BackupRecord {
    let then = Set(entries.map(\.path))
    var record = self
    record.entries += companions.filter { !then.contains($0.path) && inventory.file($0.path).exists }.map {
      Entry(path: $0.path, unit: $0.unit, role: $0.role, secret: false, state: .absent)
    }
    return record
  }
}
