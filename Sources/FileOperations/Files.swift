package import Deployment
internal import Glibc
package import SystemPackage

/// The file operations of a deployment. Each throws `FileError`; none leaves more behind than it says.
package enum Files {
  /// Runs a call that answers -1 with `errno`, again after EINTR.
  @discardableResult
  package static func check(_ operation: String, _ path: String, _ call: () -> Int) throws(FileError) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      let number = Errno(rawValue: Glibc.errno)
      guard number == .interrupted else { throw FileError(operation: operation, path: path, errno: number) }
    }
  }

  /// The whole file.
  package static func read(_ path: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachChunk(of: path) { bytes += $0 }
    return bytes
  }

  /// The whole file, or `nil` where there is none.
  package static func readIfPresent(_ path: String) throws -> [UInt8]? {
    do {
      return try read(path)
    } catch let error as FileError where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// Reads a plain file from start to end in chunks of up to 1 MiB; of what grows meanwhile, no more than it was at the
  /// beginning. Does not follow a symlink at `path`.
  package static func forEachChunk(of path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let (file, size) = try FileLocation(own: path).openForReading()
    defer { close(file) }
    // What the kernel makes up has no size before it is read.
    var left = size == 0 ? mostMadeUp : size
    // No larger than the file: thousands of small ones are read.
    try withUnsafeTemporaryAllocation(byteCount: size == 0 ? 1 << 16 : min(size, 1 << 20), alignment: 16) { buffer in
      while left > 0 {
        let count = try check("read", path) { Glibc.read(file, buffer.baseAddress, min(buffer.count, left)) }
        if count == 0 { return }
        try body(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
        left -= count
      }
    }
  }

  /// Bytes read at most of a file of /proc or /sys.
  private static let mostMadeUp = 64 << 20

  package static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32, path: String) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = try check("write", path) { write(file, rest.baseAddress, rest.count) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Puts a whole file in place: written beside, fsynced, renamed, its folder fsynced.
  package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws {
    let staged = stagedPath(for: path)
    try create(staged, mode: mode) { file in
      try bytes.withUnsafeBytes { try writeAll($0, to: file, path: staged) }
    }
    do {
      try rename(staged, to: path)
    } catch {
      // Gone already when it was the folder that could not be fsynced.
      unlink(staged)
      throw error
    }
  }

  /// Adds whole lines to a file that its caller has open for reading and writing, durably. A line that was torn by a
  /// crash goes first, and a failure leaves the file as it was: what is added never follows half a line.
  package static func appendLines(_ bytes: [UInt8], to file: Int32, path: String) throws {
    let end = try endOfLines(file, path: path)
    if try check("seek in", path, { lseek(file, 0, SEEK_END) }) > end {
      try check("truncate", path) { Int(ftruncate(file, off_t(end))) }
    }
    do {
      try check("seek in", path) { lseek(file, off_t(end), SEEK_SET) }
      try bytes.withUnsafeBytes { try writeAll($0, to: file, path: path) }
      try check("fsync", path) { Int(fsync(file)) }
    } catch {
      ftruncate(file, off_t(end))
      throw error
    }
  }

  /// The last whole line of an open file, its newline included; empty where there is none.
  package static func lastLine(of file: Int32, path: String) throws(FileError) -> [UInt8] {
    let end = try endOfLines(file, path: path)
    var line: [UInt8] = []
    var window = 4096
    while line.count < end {
      let start = max(0, end - window)
      line = [UInt8](repeating: 0, count: end - start)
      let count = try check("read", path) { pread(file, &line, line.count, off_t(start)) }
      line.removeLast(line.count - count)
      if let newline = line.dropLast().lastIndex(of: UInt8(ascii: "\n")) { return Array(line[(newline + 1)...]) }
      if start == 0 { return line }
      window *= 8
    }
    return line
  }

  /// Where the last whole line ends.
  private static func endOfLines(_ file: Int32, path: String) throws(FileError) -> Int {
    var end = try check("seek in", path) { lseek(file, 0, SEEK_END) }
    var last: UInt8 = 0
    while end > 0 {
      try check("read", path) { pread(file, &last, 1, off_t(end - 1)) }
      if last == UInt8(ascii: "\n") { break }
      end -= 1
    }
    return end
  }

  /// Makes a new file, filled by `body`, fsynced; a left-over at `path` is removed first, a failure leaves nothing.
  package static func create(_ path: String, mode: UInt32, _ body: (Int32) throws -> Void) throws {
    try removeIfPresent(path)
    let file = Int32(
      try check("create", path) { Int(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    do {
      defer { close(file) }
      try body(file)
      try check("set the mode of", path) { Int(fchmod(file, mode)) }
      try check("fsync", path) { Int(fsync(file)) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Renames and makes the new name durable.
  package static func rename(_ source: String, to target: String) throws(FileError) {
    try check("rename to", target) { Int(FileOperations.rename(source, target)) }
    try syncFolder(of: target)
  }

  package static func removeIfPresent(_ path: String) throws(FileError) {
    do {
      try check("remove", path) { Int(unlink(path)) }
    } catch  where error.errno == .noSuchFileOrDirectory {
      return
    }
  }

  package static func syncFolder(of path: String) throws(FileError) { try sync(folder: parent(of: path)) }

  package static func sync(folder: String) throws(FileError) {
    let file = Int32(try check("open folder", folder) { Int(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) })
    defer { close(file) }
    try check("fsync folder", folder) { Int(fsync(file)) }
  }

  /// So many folders or files are made durable one by one; more are by one call for their filesystem.
  package static let mostSyncs = 16

  /// Makes durable what was done in folders of the host, however it is reached.
  package static func sync(folders: Set<String>) throws {
    guard folders.count > mostSyncs else {
      for folder in folders.sorted() { try Folder.shared(folder).sync() }
      return
    }
    var devices: Set<UInt> = []
    for path in folders.sorted() {
      let folder = try Folder.shared(path)
      if devices.insert(try folder.device()).inserted { try folder.syncFilesystem() }
    }
  }

  package static func parent(of path: String) -> String {
    // The usual path costs no more than a look at its bytes: a plan asks for the folders of thousands.
    guard Paths.isPlain(path) else { return FilePath(path).removingLastComponent().string }
    guard let last = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return last == path.startIndex ? "/" : String(path[..<last])
  }

  package static let stagedSuffix = ".qtctl-staged"

  /// The hidden name beside `path` under which its successor waits for the commit. Fixed, so that recovery finds it.
  package static func stagedPath(for path: String) -> String {
    let file = FilePath(path)
    return file.removingLastComponent().appending(".\(file.lastComponent?.string ?? "")\(stagedSuffix)").string
  }
}

/// A file operation that failed: what, where, and the system's own reason.
package struct FileError: Error, Hashable, CustomStringConvertible {
  package var operation: String
  package var path: String
  package var errno: Errno

  package init(operation: String, path: String, errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }

  package var description: String { "cannot \(operation) '\(path)': \(errno.description)" }
}

/// A file was another one when it had been read than when it was looked at.
package struct FileChanged: CommandError, Hashable {
  package let path: String

  package init(path: String) { self.path = path }

  package var exitStatus: ExitStatus { .internalError }
  package var description: String { "'\(path)' changed while it was being read; run the command again" }
}

/// A record of qtctl's own that cannot be read.
package struct UnreadableRecord: CommandError, Hashable {
  package let path: String
  package let why: String

  package init(path: String, why: String) {
    self.path = path
    self.why = why
  }

  package var exitStatus: ExitStatus { .internalError }
  package var description: String { "cannot read '\(path)': \(why)" }
}
