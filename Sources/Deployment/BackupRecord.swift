internal import Basics

/// A backup's description of itself, `backup.json`: everything that is needed to restore the state.
package struct BackupRecord: Sendable, Hashable, Codable {
  package static let currentSchema = "qtctl-backup/1"

  /// One path, and what was there.
  package struct Entry: Sendable, Hashable, Codable {
    package var path: String
    package var unit: String
    /// `nil` for what a manifest names.
    package var role: UnitArtifact.Role?
    package var secret: Bool
    package var state: FileState

    package init(
      path: String, unit: String, role: UnitArtifact.Role? = nil, secret: Bool, state: FileState
    ) {
      self.path = path
      self.unit = unit
      self.role = role
      self.secret = secret
      self.state = state
    }
  }

  /// A unit as it was, and the times that its manifest gave it.
  package struct Unit: Sendable, Hashable, Codable {
    package var state: UnitState
    /// Seconds to become active.
    package var ready: Double
    /// Seconds between SIGTERM and SIGKILL.
    package var stop: Double
    /// `Type=` of a service; absent where it is not known.
    package var type: String?

    package init(state: UnitState, ready: Double, stop: Double) {
      self.init(state: state, ready: ready, stop: stop, type: nil)
    }

    package init(state: UnitState, ready: Double, stop: Double, type: String?) {
      self.state = state
      self.ready = ready
      self.stop = stop
      self.type = type
    }

    /// What becomes of it when the backup is put back. A oneshot that had ended is run again where it is affected.
    package var target: DesiredState.Unit.Target? {
      // In the middle of a run it is as good as ended: the backup waits for no run.
      let isRun = type == "oneshot" && ["inactive", "activating"].contains(state.active)
      if isRun { return state.load == "loaded" ? nil : .stopped }
      return state.running ? .running : .stopped
    }
  }

  /// Where a consumer group was. It is only put back on request. What is not known is `null`.
  package struct Cursor: Sendable, Hashable, Codable {
    package var stream: String
    package var group: String
    package var lastDelivered: String?
    package var pending: Int?
    package var lag: Int?

    package init(stream: String, group: String, lastDelivered: String? = nil, pending: Int? = nil, lag: Int? = nil) {
      self.stream = stream
      self.group = group
      self.lastDelivered = lastDelivered
      self.pending = pending
      self.lag = lag
    }
  }

  package var schema = BackupRecord.currentSchema
  /// The manifest's name.
  package var name: String
  package var stamp: Stamp
  package var host: String
  package var user: String
  /// Why it was taken, in words.
  package var reason: String
  package var entries: [Entry]
  /// Folders above the entries that did not exist: whoever creates them removes them again.
  package var absentFolders: [String]
  /// In start order.
  package var units: [Unit]
  package var groups: [Cursor]
  /// What the last transaction had left, if there was one; its release is the one in this backup.
  package var installed: InstalledRecord?
  /// Whether the state was verified and has not drifted since.
  package var verified: Bool

  package init(
    name: String, stamp: Stamp, host: String, user: String, reason: String, entries: [Entry],
    absentFolders: [String], units: [Unit], groups: [Cursor], installed: InstalledRecord?, verified: Bool
  ) {
    self.name = name
    self.stamp = stamp
    self.host = host
    self.user = user
    self.reason = reason
    self.entries = entries
    self.absentFolders = absentFolders
    self.units = units
    self.groups = groups
    self.installed = installed
    self.verified = verified
  }

  /// Whether it holds a host that somebody else had set up and that was in operation when qtctl first deployed to it:
  /// all the units existed, and some ran. Going back to it removes no service.
  package var isFoundRunning: Bool {
    installed == nil && units.allSatisfy(\.state.exists) && units.contains(where: \.state.running)
  }

  /// The state that this backup restores.
  ///
  /// - Parameters:
  ///   - store: the folder that holds the contents, each under its own path.
  ///   - startOrder: that of the manifest which was in force then.
  package func desired(contents store: String, startOrder: DesiredState.StartOrder = .inOrder) -> DesiredState {
    var desired = DesiredState(
      files: entries.map {
        DesiredState.File(
          path: $0.path, unit: $0.unit, role: $0.role, state: $0.state,
          origin: $0.state.exists ? store + $0.path : nil, secret: $0.secret)
      },
      units: units.map {
        var unit = DesiredState.Unit(
          unit: $0.state.unit, target: $0.target, enablement: .asFiles, ready: .saturated(seconds: $0.ready),
          stop: .saturated(seconds: $0.stop))
        unit.masked = $0.state.masked
        return unit
      },
      emptyFolders: folders.sorted { $0.utf8.count > $1.utf8.count })
    desired.startOrder = startOrder
    return desired
  }

  /// The folders that are removed when nothing is left in them.
  package var folders: Set<String> {
    let used = Set(entries.filter(\.state.exists).compactMap { UnitArtifact.folder(of: $0.path) })
    let left = entries.filter { $0.role != nil && !$0.state.exists }.compactMap {
      UnitArtifact.folder(of: $0.path)
    }
    return Set(left).subtracting(used).union(absentFolders)
  }
}

extension BackupRecord {
  /// This backup for a rollback: what belongs to its units now and did not then is absent.
  ///
  /// A backup without any artifact of a unit says nothing about those that exist now.
  package func completed(in inventory: Inventory) -> BackupRecord {
    let known = Set(entries.filter { $0.role != nil }.map(\.unit))
    return adding(
      inventory.companions.filter { $0.belongsByLocation && known.contains($0.unit) },
      absentIn: inventory)
  }

  /// This backup for the undo of the transaction that took it: only the artifacts that it may have changed, since what
  /// somebody else changed meanwhile is not in any backup.
  ///
  /// - Parameter changed: The paths in its plan. It also enables units that are new to the host.
  package func undoing(_ changed: Set<String>, in inventory: Inventory) -> BackupRecord {
    let new = Set(units.filter { !$0.state.exists }.map(\.state.unit))
    var record = adding(
      inventory.companions.filter { $0.role == .link && new.contains($0.unit) }, absentIn: inventory)
    let added = Set(record.entries.map(\.path)).subtracting(entries.map(\.path))
    record.entries.removeAll { $0.role != nil && !changed.contains($0.path) && !added.contains($0.path) }
    return record
  }

  private func adding(_ companions: [UnitArtifact], absentIn inventory: Inventory) -> BackupRecord {
    let then = Set(entries.map(\.path))
    var record = self
    record.entries += companions.filter { !then.contains($0.path) && inventory.file($0.path).exists }.map {
      Entry(path: $0.path, unit: $0.unit, role: $0.role, secret: false, state: .absent)
    }
    return record
  }
}
