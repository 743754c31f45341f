internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A new folder that only the owner can enter, removed with all that is in it.
package struct TemporaryFolder: Sendable {
  package let path: String

  /// Gives `body` a new folder and removes it afterwards, also when `body` throws.
  package static func with<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
    let folder = try TemporaryFolder()
    do {
      let result = try await body(folder)
      try folder.remove()
      return result
    } catch {
      try folder.remove()
      throw error
    }
  }

  fileprivate init(in parent: String = "/tmp") throws {
    path = "\(parent)/qtctl-test-\(UInt64.random(in: 0 ... .max))"
    guard mkdir(path, 0o700) == 0 else { throw Errno(rawValue: errno) }
  }

  /// The path of an entry of the folder, whether it exists or not.
  package subscript(_ name: String) -> String {
    "\(path)/\(name)"
  }

  /// Writes a file in the folder, making the folders that lead to it, and returns its path.
  @discardableResult
  package func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws -> String {
    var parent = path
    for component in name.split(separator: "/").dropLast() {
      parent += "/\(component)"
      if mkdir(parent, 0o755) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    }
    let target = self[name]
    let file = try FileDescriptor.open(
      FilePath(target), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
    // The mode of `open` is cut by the umask, and a file that was there keeps its own.
    guard chmod(target, mode) == 0 else { throw Errno(rawValue: errno) }
    return target
  }

  /// The text of a file in the folder.
  package func read(_ name: String) throws -> String {
    let file = try FileDescriptor.open(FilePath(self[name]), .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      let size = try Int(file.seek(offset: 0, from: FileDescriptor.SeekOrigin.end))
      var bytes = [UInt8](repeating: 0, count: size)
      let count = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }

  fileprivate func remove() throws {
    try Self.remove(FilePath(path))
  }

  /// Contents before their folder, links never followed.
  private static func remove(_ path: FilePath) throws {
    if unlink(path.string) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM, let folder = opendir(path.string) else { throw Errno(rawValue: errno) }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { try remove(path.appending(name)) }
    }
    guard rmdir(path.string) == 0 else { throw Errno(rawValue: errno) }
  }
}

/// A temporary folder that lives as long as the suite that holds it, for suites whose every test needs one.
package final class SuiteFolder: Sendable {
  package let folder: TemporaryFolder
  package var path: String { folder.path }

  /// - Parameter parent: an existing folder; `/tmp` may be in memory, which has no holes and fewer attributes.
  package init(in parent: String = "/tmp") throws { folder = try TemporaryFolder(in: parent) }

  deinit { try? folder.remove() }
}
