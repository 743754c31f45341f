internal import CLinux
internal import Deployment
internal import Glibc

/// The backup store is a folder of its own, which can be written, which a reboot leaves and only root may change.
struct StorePlace: PreflightCheck {
  // statfs(2)
  private static let volatile: [Int: String] = [0x0102_1994: "tmpfs", 0x8584_58f6: "ramfs"]

  func findings(_ situation: PreflightSituation) throws -> [String] {
    let store = situation.store.path
    let live = Set(situation.desired.files.map { Files.parent(of: $0.path) })
    let inside = live.filter { (store + "/").hasPrefix($0 + "/") }.sorted().map {
      "the backup store \(store) lies in the live folder \($0); set 'backups.directory' to a folder of its own"
    }
    return try inside + Self.faults(of: store, volatile: situation.volatileStore)
  }

  /// What keeps a folder from being a store, wherever it lies.
  static func faults(of store: String, volatile: Bool) throws -> [String] {
    let folder = RealPath.deepestFolder(above: store + "/stamp")
    if RealPath.of(store) == nil && Files.exists(store) || RealPath.of(store) == folder && !isFolder(folder) {
      return ["the backup store \(store) is no folder; set 'backups.directory' to one"]
    }
    var findings = try WritableFolders(at: folder).findings("the backup store \(store)") {
      "set 'backups.directory' to a folder that is root's, or run: chmod o-w \($0)"
    }
    var facts = statfs()
    try Files.check("look at", folder) { Int(statfs(folder, &facts)) }
    if !volatile, let kind = Self.volatile[Int(facts.f_type)] {
      findings.append(
        "the backup store \(store) is on a \(kind): a reboot takes the backups; set 'backups.directory' to a folder on "
          + "disk, or say --volatile-store")
    }
    if let fault = BackupStore(path: store).unwritable() {
      findings.append("\(fault); mount it writable, or set 'backups.directory' to another folder")
    }
    return findings
  }

  private static func isFolder(_ path: String) -> Bool { (try? FileState.peek(path))?.type == .directory }
}
