internal import Basics
package import Deployment
internal import Glibc
internal import SystemPackage

/// One name in a folder that was opened once: what is read, written, renamed or removed is in this very folder.
package struct FileLocation {
  package let folder: Folder
  /// A single component.
  package let name: String

  package init(_ folder: Folder, _ name: String) {
    self.folder = folder
    self.name = name
  }

  /// Of qtctl's own, or of a release: see `Folder.own`.
  package init(own path: String) throws(FileError) {
    self.init(try Folder.own(Files.parent(of: path)), Paths.name(path))
  }

  /// Of the host, where others than root may write on the way: see `Folder.shared`.
  package init(shared path: String, making mode: UInt32? = nil) throws {
    self.init(try Folder.shared(Files.parent(of: path), making: mode), Paths.name(path))
  }

  /// As `init(shared:)`; `nil` where the folder is not there, or cannot be come to by a way that is trusted: what qtctl put
  /// into it is not at this path then.
  package static func reachable(_ path: String) throws -> FileLocation? {
    do {
      return try FileLocation(shared: path)
    } catch is UntrustedLink {
      return nil
    } catch let error as FileError where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory {
      return nil
    }
  }

  package var path: String { Paths.join(folder.path, name) }

  /// The hidden name beside it under which its successor waits for the commit.
  package var staged: FileLocation { FileLocation(folder, Paths.name(Files.stagedPath(for: path))) }

  /// Makes a new file, filled by `body`, fsynced; a left-over is removed first, a failure leaves nothing.
  ///
  /// - Parameter syncs: whether it is fsynced by itself; else its caller makes many durable at once.
  package func create(mode: UInt32, syncs: Bool = true, _ body: (Int32) throws -> Void) throws {
    try remove()
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = Int32(try Files.check("create", path) { Int(openat(folder.descriptor, name, flags, 0o600)) })
    do {
      defer { close(file) }
      try body(file)
      try Files.check("set the mode of", path) { Int(fchmod(file, mode)) }
      if syncs { try Files.check("fsync", path) { Int(fsync(file)) } }
    } catch {
      unlinkat(folder.descriptor, name, 0)
      throw error
    }
  }

  /// Removes it where it is there and no folder.
  package func remove() throws(FileError) {
    do {
      try Files.check("remove", path) { Int(unlinkat(folder.descriptor, name, 0)) }
    } catch  where error.errno == .noSuchFileOrDirectory {}
  }

  /// Removes a folder when it is there and empty, durably; whether it is gone.
  package func removeFolderIfEmpty() throws(FileError) -> Bool {
    do {
      try Files.check("remove folder", path) { Int(unlinkat(folder.descriptor, name, AT_REMOVEDIR)) }
    } catch  where error.errno == .directoryNotEmpty || error.errno == .fileExists || error.errno == .resourceBusy {
      // Busy is what something is mounted on.
      return false
    } catch  where error.errno == .noSuchFileOrDirectory {
      // Gone already, perhaps by a call whose fsync failed.
    }
    try folder.sync()
    return true
  }

  /// Gives it another name in the same folder, durably.
  package func rename(to other: String) throws(FileError) {
    try Files.check("rename to", Paths.join(folder.path, other)) {
      Int(renameat(folder.descriptor, name, folder.descriptor, other))
    }
    try folder.sync()
  }

  /// Moves it over another name on the same filesystem. Not durable by itself: see `Files.sync(folders:)`.
  package func move(to other: FileLocation) throws(FileError) {
    try Files.check("rename to", other.path) {
      Int(renameat(folder.descriptor, name, other.folder.descriptor, other.name))
    }
  }

  /// Makes a folder with that owner and mode, or gives them to the one that is there; a file or link in its place goes. Not
  /// durable by itself: see `Files.sync(folders:)`.
  package func makeFolder(as state: FileState) throws {
    let type = try peek().type
    if type != .absent && type != .directory { try remove() }
    if type != .directory { try Files.check("make folder", path) { Int(mkdirat(folder.descriptor, name, 0o700)) } }
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let made = Int32(try Files.check("open folder", path) { Int(openat(folder.descriptor, name, flags)) })
    defer { close(made) }
    if let owner = state.owner, let group = state.group {
      try Files.check("set the owner of", path) { Int(fchown(made, owner, group)) }
    }
    if let mode = state.mode { try Files.check("set the mode of", path) { Int(fchmod(made, mode)) } }
  }

  /// Takes a folder out of the way of a file: removes it where there are only empty folders in it, else gives it another
  /// name, so that nothing is lost.
  ///
  /// - Returns: its new name; `nil` where it is gone.
  package func clearFolder() throws -> String? {
    if try removeEmptyFolders() { return nil }
    var (other, count) = (name + ".since", 1)
    while FileLocation(folder, other).exists {
      count += 1
      other = "\(name).since\(count)"
    }
    try move(to: FileLocation(folder, other))
    return other
  }

  private func removeEmptyFolders() throws -> Bool {
    if try removeFolderIfEmpty() { return true }
    let own = try Folder.shared(path)
    for name in try Files.names(in: "/proc/self/fd/\(own.descriptor)") {
      let child = FileLocation(own, name)
      guard try child.peek().type == .directory, try child.removeEmptyFolders() else { return false }
    }
    return try removeFolderIfEmpty()
  }

  package var exists: Bool {
    var facts = stat()
    return fstatat(folder.descriptor, name, &facts, AT_SYMLINK_NOFOLLOW) == 0
  }
}

// MARK: - What is there

extension FileLocation {
  /// The present state, content digest included. A symlink is itself, never what it points to.
  ///
  /// - Parameters:
  ///   - expected: where the size alone shows that it is something else, the content is not read.
  ///   - digest: how the content's digest is come by.
  package func state(
    expecting expected: FileState? = nil, digest: (FileLocation) throws -> String = Digest.file
  ) throws -> FileState {
    var state = try peek()
    switch state.type {
    case .file:
      if let expected, expected.size != state.size { break }
      state.sha256 = try digest(self)
    case .symlink: state.link = try link()
    case .absent, .directory, .other: break
    }
    return state
  }

  /// The present state, without reading the content.
  package func peek() throws(FileError) -> FileState {
    var facts = stat()
    guard fstatat(folder.descriptor, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else {
      let number = Errno(rawValue: Glibc.errno)
      if number == .noSuchFileOrDirectory || number == .notDirectory { return .absent }
      throw FileError(operation: "look at", path: path, errno: number)
    }
    var state = FileState(Self.kind(facts.st_mode))
    if state.type == .file { state.size = Int(facts.st_size) }
    state.mode = facts.st_mode & 0o7777
    state.owner = facts.st_uid
    state.group = facts.st_gid
    state.mtime = FileTime(seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec)
    if state.type == .file {
      // The way through the descriptor is the kernel's own; the name behind it is not followed.
      let attributes = try ExtendedAttributes.read("/proc/self/fd/\(folder.descriptor)/\(name)", shown: path)
      if !attributes.isEmpty { state.xattrs = attributes }
    }
    return state
  }

  /// Opens a plain file for reading; never waits for the other end of a pipe.
  ///
  /// - Returns: its descriptor, which the caller closes, and its size in bytes.
  func openForReading() throws(FileError) -> (file: Int32, size: Int) {
    let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    let file = Int32(try Files.check("open", path) { Int(openat(folder.descriptor, name, flags)) })
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw FileError(operation: "read as a plain file", path: path, errno: .invalidArgument)
    }
    // Zeros that are not stored cost nothing but the time to read them.
    let stored = Int(clamping: facts.st_blocks).multipliedSaturated(by: 512)
    if Int(facts.st_size) - stored > Self.longestHoles {
      close(file)
      throw FileError(operation: "read", path: path, errno: .fileTooLarge)
    }
    return (file, Int(facts.st_size))
  }

  /// Bytes of a file that may be missing from the disk.
  private static let longestHoles = 16 << 30

  static func kind(_ mode: mode_t) -> FileState.Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFLNK: .symlink
    case S_IFDIR: .directory
    default: .other
    }
  }

  private func link() throws(FileError) -> String {
    var target = ""
    try Files.check("read link", path) { readlinkat(folder.descriptor, name, &target) }
    return target
  }
}
