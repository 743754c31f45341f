internal import Glibc
internal import SystemPackage

/// A mounted filesystem, and what it has left.
struct Filesystem: Hashable {
  /// Left free beyond what is needed, in bytes.
  static let reserve = 16 << 20

  let device: UInt
  /// A folder on it, for the message.
  let folder: String

  static func == (left: Filesystem, right: Filesystem) -> Bool { left.device == right.device }
  func hash(into hasher: inout Hasher) { hasher.combine(device) }

  /// The filesystem on which `path` is or would be.
  init(holding path: String) throws(FileError) {
    var folder = path
    while !Files.exists(folder) { folder = Files.parent(of: folder) }
    var facts = stat()
    try Files.check("look at", folder) { Int(stat(folder, &facts)) }
    device = facts.st_dev
    self.folder = folder
  }

  /// What is missing for so many bytes and files, in words; `nil` when they fit.
  ///
  /// - Parameter freed: what will be free by then, beyond what is free now.
  func shortage(bytes: Int, files: Int, freed: StoreSpace? = nil) -> String? {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return "\(folder): cannot be asked for its free space" }
    // What the kernel makes up has no blocks at all; it is no place for a file, which others say better.
    guard facts.f_blocks > 0 else { return nil }
    let gain = freed.map { ($0.bytes, $0.files) } ?? (0, 0)
    let free = Int(facts.f_bavail) * Int(facts.f_frsize)
    if free + gain.0 < bytes + Self.reserve {
      return
        "\(folder): \(bytes) bytes and \(Self.reserve) in reserve are needed, \(free) are free\(retention(gain.0)); make "
        + "room or let retention keep fewer backups"
    }
    // Some filesystems make inodes as they go and count none.
    if facts.f_files > 0 && Int(facts.f_favail) + gain.1 < files {
      return
        "\(folder): \(files) inodes are needed, \(facts.f_favail) are free\(retention(gain.1)); remove files or let "
        + "retention keep fewer backups"
    }
    return nil
  }
  private func retention(_ gain: Int) -> String { gain > 0 ? " and retention would free \(gain)" : "" }
}
