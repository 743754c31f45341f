internal import Backups
internal import CLinux
internal import Deployment
package import FileOperations
internal import Glibc
internal import Releases

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
    var findings: [String] = []
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

/// Nobody but root decides what is put back, and what is put back was taken on this host.
///
/// The recovery of an open transaction does not ask this: to leave a host half way would be worse.
package struct StoreTrust: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] {
    let store = situation.change.store
    if let fault = PathTrust.root.fault(of: store.path) { return [Self.advice(store.path, fault)] }
    // Of a rollback, the backup that is put back; else the newest of the store.
    guard let stamp = situation.change.stamp ?? (try? store.stamps())?.first, let record = try? store.record(stamp)
    else {
      return []
    }
    let (here, there) = (Accounts.hostName(), record.host)
    guard !here.isEmpty, !there.isEmpty, here != there else { return [] }
    return [
      "backup \(stamp) in '\(store.path)' was taken on host '\(there)', and this is '\(here)'; "
        + (situation.change.stamp == nil
          ? "set 'backups.directory' to a folder of this host's own"
          : "restore it there, or if this host was renamed, by hand: sh \(store.folder(stamp))/restore.sh")
    ]
  }

  /// Why a store is not trusted, and the commands that move it.
  package static func advice(_ store: String, _ fault: PathTrust.Fault) -> String {
    """
    the backup store '\(store)' cannot be trusted: \(fault), so that others than root decide what is put back.
      Look through its backups, move those that are yours, and name the new place in 'backups.directory':
        install -d -m 700 \(StorePath.fallback) && cp -a '\(store)'/. \(StorePath.fallback)/
        QTCTL_BACKUPS=\(StorePath.fallback) qtctl deploy
    """
  }
}

/// The present state can be saved before a rollback replaces it: without that, an interrupted one could not be undone.
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
