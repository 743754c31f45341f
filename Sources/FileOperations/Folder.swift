internal import Basics
internal import CLinux
internal import Glibc
internal import SystemPackage

/// A folder that was opened once. What is done in it is done relative to its descriptor, so that it happens in this very
/// folder, whatever others put in its place or on the way to it meanwhile.
package final class Folder: Sendable {
  /// As it was asked for.
  package let path: String
  package let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// A folder to which only trusted users lead: of qtctl's own, or of a release. Symlinks are followed.
  package static func own(_ path: String) throws(FileError) -> Folder {
    Folder(
      path: path,
      descriptor: Int32(
        try Files.check("open folder", path) { Int(open(path, Int32(QTCTL_O_PATH) | O_DIRECTORY | O_CLOEXEC)) }))
  }

  /// A folder on the way to which others than root may write. The only symlinks that are followed are root's, in folders
  /// that only root can write.
  ///
  /// - Parameter mode: of the folders that are made where they do not exist, durably; `nil`: none is made.
  /// - Throws: `UntrustedLink`, or `FileError`.
  package static func shared(_ path: String, making mode: UInt32? = nil) throws -> Folder {
    let direct = qtctl_open_folder_without_symlinks(FileName.cString(path))
    if direct >= 0 { return Folder(path: path, descriptor: direct) }
    let walk = try FolderWalk(path)
    return Folder(path: path, descriptor: try walk.run(making: mode))
  }

  /// The filesystem on which it is.
  func device() throws(FileError) -> UInt {
    var facts = stat()
    try Files.check("look at", path) { Int(fstat(descriptor, &facts)) }
    return facts.st_dev
  }

  /// renameat2(2) with RENAME_NOREPLACE: -1 with `EEXIST` where the new name is taken.
  func renameWithoutReplacing(_ name: String, to other: Folder, _ newName: String) -> Int {
    Int(
      qtctl_rename_without_replacing(descriptor, FileName.cString(name), other.descriptor, FileName.cString(newName)))
  }

  /// Makes all that was written to its filesystem durable.
  package func syncFilesystem() throws(FileError) {
    let file = Int32(
      try Files.check("open folder", path) { Int(openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) })
    defer { close(file) }
    try Files.check("sync", path) { Int(qtctl_syncfs(file)) }
  }

  /// Makes what was done in it durable.
  package func sync() throws(FileError) {
    let file = Int32(
      try Files.check("open folder", path) { Int(openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) })
    defer { close(file) }
    try Files.check("fsync folder", path) { Int(fsync(file)) }
  }
}

/// A symlink that is not followed, since others than root decide where it leads.
package struct UntrustedLink: Error, Hashable, CustomStringConvertible {
  package let path: String

  package var description: String {
    "'\(path)' is a symlink that others than root can change, and is not followed; name the folder that is meant, or "
      + "run: chown -h root '\(path)', and see that only root can write to its folder"
  }
}

/// A descriptor that is closed with its owner.
private struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }
  deinit { close(number) }

  consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}

/// Goes to a folder component by component, each from the descriptor of the last.
private struct FolderWalk: ~Copyable {
  private let path: String
  private var rest: ArraySlice<String>
  /// The components behind, none of them a symlink.
  private var done: [String] = []
  private var links = 0
  private var current: Descriptor

  init(_ path: String) throws(FileError) {
    self.path = path
    rest = ArraySlice(path.split(separator: "/").map(String.init))
    current = try Self.open(AT_FDCWD, "/", Int32(QTCTL_O_PATH) | O_DIRECTORY | O_CLOEXEC, path)
  }

  /// - Returns: the folder's descriptor, which is the caller's.
  consuming func run(making mode: UInt32?) throws -> Int32 {
    while let name = rest.popFirst() {
      switch name {
      case ".": continue
      // What is behind holds no symlink, so that its parent is the one before.
      case "..": try restart(done.dropLast() + rest)
      default: try step(name, making: mode)
      }
    }
    return current.release()
  }

  private mutating func step(_ name: String, making mode: UInt32?) throws {
    let next = try enter(name, making: mode)
    var facts = stat()
    try Files.check("look at", path) { Int(fstat(next.number, &facts)) }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR:
      current = next
      done.append(name)
    case S_IFLNK: try follow(next, owner: facts.st_uid, name)
    default: throw FileError(operation: "open folder", path: path, errno: .notDirectory)
    }
  }

  private func enter(_ name: String, making mode: UInt32?) throws(FileError) -> Descriptor {
    let flags = Int32(QTCTL_O_PATH) | O_NOFOLLOW | O_CLOEXEC
    do {
      return try Self.open(current.number, name, flags, path)
    } catch {
      guard error.errno == .noSuchFileOrDirectory, let mode else { throw error }
      do {
        let folder = current.number
        try Files.check("make folder", path) { Int(mkdirat(folder, name, mode)) }
      } catch  where error.errno == .fileExists {}
    }
    let parent = try Self.open(current.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, path)
    let number = parent.number
    try Files.check("fsync folder", path) { Int(fsync(number)) }
    return try Self.open(current.number, name, flags, path)
  }

  private mutating func follow(_ link: borrowing Descriptor, owner: UInt32, _ name: String) throws {
    let place = "/" + (done + [name]).joined(separator: "/")
    var folder = stat()
    try Files.check("look at", path) { Int(fstat(current.number, &folder)) }
    guard owner == 0, folder.st_uid == 0, folder.st_mode & 0o002 == 0, folder.st_mode & 0o020 == 0 || folder.st_gid == 0
    else { throw UntrustedLink(path: place) }
    links += 1
    // As often as the kernel follows (path_resolution(7)).
    guard links <= 40 else { throw FileError(operation: "open folder", path: path, errno: .tooManySymbolicLinkLevels) }
    let number = link.number
    var target = ""
    try Files.check("read link", place) { readlinkat(number, "", &target) }
    let components = target.split(separator: "/").map(String.init)
    try restart((target.hasPrefix("/") ? [] : done) + components + rest)
  }

  private mutating func restart(_ components: [String]) throws(FileError) {
    current = try Self.open(AT_FDCWD, "/", Int32(QTCTL_O_PATH) | O_DIRECTORY | O_CLOEXEC, path)
    done = []
    rest = ArraySlice(components)
  }

  private static func open(
    _ folder: Int32, _ name: String, _ flags: Int32, _ path: String
  ) throws(FileError) -> Descriptor {
    Descriptor(Int32(try Files.check("open folder", path) { Int(openat(folder, name, flags)) }))
  }
}

// Here and not in FileLocation.swift: where the first file of a module that uses `stat` imports CLinux, an optimized build
// takes `stat` to be of CLinux, and refuses it in every file that imports Glibc alone.
extension FileLocation {
  /// Moves it to another name on the same filesystem, which stays as it is where it is taken (`fileExists`).
  package func moveWithoutReplacing(to other: FileLocation) throws(FileError) {
    try Files.check("rename to", other.path) {
      folder.renameWithoutReplacing(name, to: other.folder, other.name)
    }
  }
}
