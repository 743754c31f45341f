internal import Backups
internal import CLinux
internal import Deployment
internal import FileOperations
internal import Glibc

/// The backup store is a folder of its own, which can be written, which a reboot leaves and only root may change.
package struct StorePlace: PreflightCheck {
  // statfs(2)
  private static let volatile: [Int: String] = [0x0102_1994: "tmpfs", 0x8584_58f6: "ramfs"]

  package func findings(_ situation: PreflightSituation) throws -> [String] {
    let store = situation.change.store.path
    let live = Set(situation.change.desired.files.map { Files.parent(of: $0.path) })
    let inside = live.filter { (store + "/").hasPrefix($0 + "/") }.sorted().map {
      "the backup store \(store) is in folder '\($0)', which the release installs into; set 'backups.directory' to a folder of its own"
    }
    return try inside + Self.faults(of: store, volatile: situation.change.volatileStore)
  }

  /// What keeps a folder from being a store, wherever it lies.
  package static func faults(of store: String, volatile: Bool) throws -> [String] {
    let folder = Paths.deepestFolder(above: store + "/stamp")
    if Paths.of(store) == nil && Files.exists(store) || Paths.of(store) == folder && !isFolder(folder) {
      return ["the backup store \(store) is not a folder; set 'backups.directory' to one"]
    }
    var findings = try WritableFolders(at: folder).findings("the backup store \(store)") {
      "set 'backups.directory' to a folder that only root can change, or run: chmod o-w \($0)"
    }
    var facts = statfs()
    try Files.check("look at", folder) { Int(statfs(folder, &facts)) }
    if !volatile, let kind = Self.volatile[Int(facts.f_type)] {
      findings.append(
        "the backup store \(store) is on a \(kind), so a reboot loses the backups; set 'backups.directory' to a folder on "
          + "disk, or add --volatile-store")
    }
    if let fault = BackupStore(path: store).unwritable() {
      findings.append("\(fault); mount it read-write, or set 'backups.directory' to another folder")
    }
    return findings
  }

  private static func isFolder(_ path: String) -> Bool { (try? FileState.peek(path))?.type == .directory }
}

/// What stands now can be saved before a rollback replaces it: without that, an interrupted one could not be undone.
package struct StoreWritable: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] {
    let store = situation.change.store
    guard !situation.plan.isEmpty, let stamp = situation.change.stamp, let fault = store.unwritable() else { return [] }
    let folder = store.folder(stamp)
    return [
      """
      \(fault), so the present state could not be saved before it is replaced. Either mount it read-write,
        or use a copy of the backup; the present state is then saved beside it:
          install -d -m 700 /var/backups/other && cp -a \(folder) /var/backups/other/
          QTCTL_BACKUPS=/var/backups/other qtctl rollback \(stamp)
        or restore it by hand; that cannot be undone: sh \(folder)/restore.sh
      """
    ]
  }
}

/// Bytes and inodes on every filesystem concerned, with a reserve. What retention would free in the store counts as
/// free, since it is freed first.
package struct DiskSpaceCheck: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    try situation.change.diskSpace.shortages()
  }

  package func remarks(_ situation: PreflightSituation) -> [String] {
    guard let removed = try? situation.change.diskSpace.expendable(), !removed.isEmpty else { return [] }
    return ["disk space is short; \(removed.sentence)"]
  }
}
