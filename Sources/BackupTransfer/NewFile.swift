internal import Basics
internal import CLinux
internal import Deployment
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// A file of secrets that is made whole, where nobody had one: it has a name only when it is complete, so that whoever is
/// killed or interrupted leaves nothing behind.
enum NewFile {
  /// - Parameter folder: in which `path` lies.
  /// - Throws: `Refusal` where the name is taken by now, `FileError`, or what `body` throws; no file is left then.
  static func write(_ path: String, in folder: String, _ body: (Int32) throws -> Void) throws {
    let nameless = open(FileName.cString(folder), O_WRONLY | Int32(QTCTL_O_TMPFILE) | O_CLOEXEC, 0o600)
    guard nameless >= 0 else { return try writeInPlace(path, in: folder, body) }
    defer { close(nameless) }
    try body(nameless)
    try Files.check("fsync", path) { Int(fsync(nameless)) }
    // open(2), O_TMPFILE: how such a file gets a name.
    guard linkat(AT_FDCWD, "/proc/self/fd/\(nameless)", AT_FDCWD, FileName.cString(path), AT_SYMLINK_FOLLOW) == 0 else {
      throw failure(path)
    }
    try Files.sync(folder: folder)
  }

  /// On a filesystem without files that have no name, such as a memory stick's.
  private static func writeInPlace(_ path: String, in folder: String, _ body: (Int32) throws -> Void) throws {
    let file = open(FileName.cString(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure(path) }
    defer { close(file) }
    do {
      try body(file)
      try Files.check("fsync", path) { Int(fsync(file)) }
      try Files.sync(folder: folder)
    } catch {
      unlink(FileName.cString(path))
      throw error
    }
  }

  /// Of the last call.
  private static func failure(_ path: String) -> any Error {
    let number = Errno(rawValue: errno)
    guard number == .fileExists else { return FileError(operation: "make", path: path, errno: number) }
    return Refusal(["'\(path)' has just been made by somebody else; look at it, or choose another name"])
  }
}
