internal import Basics
internal import Glibc
internal import SystemPackage

/// A mounted filesystem, and what it has left.
package struct Filesystem: Hashable {
  /// Left free beyond what is needed, in bytes.
  package static let reserve = 16 << 20

  package let device: UInt
  /// A folder on it, for the message.
  package let folder: String

  package static func == (left: Filesystem, right: Filesystem) -> Bool { left.device == right.device }
  package func hash(into hasher: inout Hasher) { hasher.combine(device) }

  /// The filesystem on which `path` is or would be.
  package init(holding path: String) throws(FileError) {
    var folder = path
    while !Files.exists(folder) { folder = Files.parent(of: folder) }
    var facts = stat()
    try Files.check("look at", folder) { Int(lstat(folder, &facts)) }
    if facts.st_mode & S_IFMT == S_IFLNK {
      // A link to a folder stands for it. What replaces another link lies beside it: a mask leads to /dev.
      var target = stat()
      let leadsToFolder = stat(FileName.cString(folder), &target) == 0 && target.st_mode & S_IFMT == S_IFDIR
      if !leadsToFolder { folder = Files.parent(of: folder) }
    }
    try Files.check("look at", folder) { Int(stat(FileName.cString(folder), &facts)) }
    device = facts.st_dev
    self.folder = folder
  }

  /// Bytes that are free for whoever is not root, and all there are; `nil` where that cannot be read.
  package var space: (free: Int, all: Int)? {
    var facts = statvfs()
    guard statvfs(FileName.cString(folder), &facts) == 0, facts.f_blocks > 0 else { return nil }
    let block = Int(clamping: facts.f_frsize)
    return (
      Int(clamping: facts.f_bavail).multipliedSaturated(by: block),
      Int(clamping: facts.f_blocks).multipliedSaturated(by: block)
    )
  }

  /// What is missing for so many bytes and files, in words; `nil` when they fit.
  ///
  /// - Parameter freed: what will be free by then, beyond what is free now.
  package func shortage(bytes: Int, files: Int, freed: DiskUsage? = nil) -> String? {
    var facts = statvfs()
    guard statvfs(FileName.cString(folder), &facts) == 0 else { return "\(folder): its free space cannot be read" }
    // What the kernel makes up has no blocks at all; it is no place for a file, which others say better.
    guard facts.f_blocks > 0 else { return nil }
    let gain = freed.map { ($0.bytes, $0.files) } ?? (0, 0)
    let free = Int(clamping: facts.f_bavail).multipliedSaturated(by: Int(clamping: facts.f_frsize))
    if free.addingSaturated(gain.0) < bytes.addingSaturated(Self.reserve) {
      return
        "\(folder): \(bytes) bytes and \(Self.reserve) in reserve are needed, \(free) are free\(retention(gain.0)); free "
        + "space, or lower 'backups.keep'"
    }
    // Some filesystems make inodes as they go and count none.
    if facts.f_files > 0 && Int(clamping: facts.f_favail).addingSaturated(gain.1) < files {
      return
        "\(folder): \(files) inodes are needed, \(facts.f_favail) are free\(retention(gain.1)); remove files, or "
        + "lower 'backups.keep'"
    }
    return nil
  }

  /// The bytes that a user may still write where `path` is or would be; `nil` where that cannot be read.
  package static func free(at path: String) -> Int? {
    var facts = statvfs()
    guard let place = try? Filesystem(holding: path), statvfs(FileName.cString(place.folder), &facts) == 0 else {
      return nil
    }
    return Int(clamping: facts.f_bavail).multipliedSaturated(by: Int(clamping: facts.f_frsize))
  }

  private func retention(_ gain: Int) -> String { gain > 0 ? " and retention would free \(gain)" : "" }
}

/// The filesystems of many paths.
package struct Filesystems {
  /// Of what is not there, by the folder in which it would be.
  private var ofNew: [String: Filesystem] = [:]

  package init() {}

  /// As `Filesystem(holding:)`.
  package mutating func holding(_ path: String) throws(FileError) -> Filesystem {
    guard !Files.exists(path) else { return try Filesystem(holding: path) }
    let folder = Files.parent(of: path)
    if let known = ofNew[folder] { return known }
    let filesystem = try Filesystem(holding: folder)
    ofNew[folder] = filesystem
    return filesystem
  }
}

/// What the removal of some folders would give back: an inode is free only when its last link is gone.
package struct DiskUsage {
  /// Bytes, as the file system counts them.
  package private(set) var bytes = 0
  /// Inodes.
  package private(set) var files = 0
  private var links: [UInt: nlink_t] = [:]

  package init(of folders: [String]) throws {
    for folder in folders { try add(folder) }
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
    bytes = bytes.addingSaturated(Int(clamping: facts.st_blocks).multipliedSaturated(by: 512))
    files += 1
  }
}
