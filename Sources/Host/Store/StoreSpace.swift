internal import Deployment
internal import Glibc

/// What the removal of some backups would give back: an inode is free only when its last link is gone.
struct StoreSpace {
  private(set) var bytes = 0
  private(set) var files = 0
  private var links: [UInt: nlink_t] = [:]

  init(of stamps: [Stamp], in store: BackupStore) throws {
    for stamp in stamps { try add(store.folder(stamp)) }
  }

  private mutating func add(_ path: String) throws {
    var facts = stat()
    try Files.check("look at", path) { Int(lstat(path, &facts)) }
    if facts.st_mode & S_IFMT == S_IFDIR {
      for name in try Files.names(in: path) { try add(path + "/" + name) }
    } else {
      links[facts.st_ino, default: 0] += 1
      guard links[facts.st_ino] == facts.st_nlink else { return }
    }
    bytes += Int(facts.st_blocks) * 512
    files += 1
  }
}
