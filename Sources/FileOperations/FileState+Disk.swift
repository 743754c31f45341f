package import Deployment
internal import Glibc
internal import SystemPackage

extension FileState {
  /// What stands at `path`, content digest included. A symlink is itself, never what it points to.
  package static func read(_ path: String) throws -> FileState {
    var state = try peek(path)
    switch state.type {
    case .file: state.sha256 = try Digest.file(path)
    case .symlink: state.link = try target(ofLink: path)
    case .absent, .directory, .other: break
    }
    return state
  }

  /// What stands at `path`, without reading its content.
  package static func peek(_ path: String) throws(FileError) -> FileState {
    var facts = stat()
    guard lstat(path, &facts) == 0 else {
      let number = Errno(rawValue: Glibc.errno)
      if number == .noSuchFileOrDirectory || number == .notDirectory { return .absent }
      throw FileError(operation: "look at", path: path, errno: number)
    }
    var state = FileState(kind(facts.st_mode))
    if state.type == .file { state.size = Int(facts.st_size) }
    state.mode = facts.st_mode & 0o7777
    state.owner = facts.st_uid
    state.group = facts.st_gid
    state.mtime = Int(facts.st_mtim.tv_sec) * 1_000_000_000 + Int(facts.st_mtim.tv_nsec)
    if state.type == .file {
      let attributes = try ExtendedAttributes.read(path)
      if !attributes.isEmpty { state.xattrs = attributes }
    }
    return state
  }

  private static func kind(_ mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFLNK: .symlink
    case S_IFDIR: .directory
    default: .other
    }
  }

  private static func target(ofLink path: String) throws(FileError) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = try Files.check("read link", path) { readlink(path, &buffer, buffer.count) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}
