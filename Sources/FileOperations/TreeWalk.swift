package import Basics
package import Deployment
internal import Glibc
internal import SystemPackage

/// Goes through a folder and all that is in it, folder by folder from descriptor to descriptor: no symlink is followed, and
/// no mount point is crossed.
package struct TreeWalk {
  /// What the walk left alone.
  package struct Rest {
    /// How many names the patterns hide; of a hidden folder, the folder alone counts.
    package var hidden = 0
    /// Names that only staging gives, which are nobody's.
    package var staged: [String] = []
    /// Folders that something is mounted on, relative to the root.
    package var mounts: [String] = []
  }

  /// Folders in folders; deeper ones are no release's.
  private static let deepest = 200

  private let root: Folder
  private let exclusion: Exclusion
  private let barriers: Set<String>

  /// - Parameter barriers: absolute paths that are not entered: mount points.
  package init(root: Folder, exclusion: Exclusion, barriers: Set<String>) {
    self.root = root
    self.exclusion = exclusion
    self.barriers = barriers
  }

  /// - Parameter take: is handed every path below the root that is not hidden, relative to it and folders before what is in
  ///   them, and what it is.
  package func run(_ take: (String, FileState.Kind) throws -> Void) throws -> Rest {
    var rest = Rest()
    let file = openat(root.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(operation: "list", path: root.path, errno: Errno(rawValue: errno)) }
    try walk(file, "", 0, &rest, take)
    return rest
  }

  /// Takes over the descriptor.
  private func walk(
    _ folder: Int32, _ prefix: String, _ depth: Int, _ rest: inout Rest, _ take: (String, FileState.Kind) throws -> Void
  ) throws {
    let path = prefix.isEmpty ? root.path : Paths.join(root.path, prefix)
    guard depth < Self.deepest else { throw FileError(operation: "list", path: path, errno: .fileNameTooLong) }
    guard let stream = fdopendir(folder) else {
      let number = Errno(rawValue: errno)
      close(folder)
      throw FileError(operation: "list", path: path, errno: number)
    }
    defer { closedir(stream) }
    for (name, type) in Self.entries(stream, &rest) {
      let relative = prefix.isEmpty ? name : prefix + "/" + name
      let kind = try Self.kind(type, dirfd(stream), name, path)
      guard kind != .absent else { continue }
      guard !exclusion.hidesItself(relative, isFolder: kind == .directory) else {
        rest.hidden += 1
        continue
      }
      if !barriers.isEmpty, barriers.contains(Paths.join(root.path, relative)) {
        rest.mounts.append(relative)
        continue
      }
      try take(relative, kind)
      guard kind == .directory else { continue }
      let next = openat(dirfd(stream), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        // Somebody has just taken it away.
        if errno == ENOENT { continue }
        throw FileError(operation: "list", path: Paths.join(path, name), errno: Errno(rawValue: errno))
      }
      try walk(next, relative, depth + 1, &rest, take)
    }
  }

  /// Sorted, so that the same folder gives the same plan.
  private static func entries(_ stream: OpaquePointer, _ rest: inout Rest) -> [(name: String, type: Int32)] {
    var entries: [(name: String, type: Int32)] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard bytes != [UInt8(ascii: ".")], bytes != Array("..".utf8) else { continue }
      let name = FileName.text(bytes)
      // What is staged, or was left so, is nobody's.
      guard !(name.hasPrefix(".") && name.hasSuffix(Files.stagedSuffix)) else {
        rest.staged.append(name)
        continue
      }
      entries.append((name, Int32(entry.pointee.d_type)))
    }
    return entries.sorted { $0.name < $1.name }
  }

  private static func kind(_ type: Int32, _ folder: Int32, _ name: String, _ path: String) throws -> FileState.Kind {
    switch type {
    case Int32(DT_REG): return .file
    case Int32(DT_DIR): return .directory
    case Int32(DT_LNK): return .symlink
    case Int32(DT_UNKNOWN):
      var facts = stat()
      guard fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else {
        if errno == ENOENT { return .absent }
        throw FileError(operation: "look at", path: Paths.join(path, name), errno: Errno(rawValue: errno))
      }
      return FileLocation.kind(facts.st_mode)
    default: return .other
    }
  }
}
