internal import Basics
internal import Deployment
internal import Dispatch
internal import FileOperations
internal import Glibc
internal import KnownDigests
internal import Synchronization
internal import SystemPackage

/// What is at a path, symlinks not followed.
struct FileView: Sendable, Equatable {
  enum Kind: String, Sendable { case file, directory, link, other }

  var kind: Kind
  var mode: UInt32 = 0o644
  var owner: UInt32 = 0
  var group: UInt32 = 0
  var size: Int = 0
  /// Hex; `nil` where it is not a regular file.
  var sha256: String?
  /// Where a symlink points; `nil` where it is none.
  var link: String?
  var identity: FileIdentity
  /// The last change of content, and the last change of content, name or attributes: seconds since 1970.
  var modified: Double = 0
  var changed: Double = 0
}

/// Which file it is, whatever its name.
struct FileIdentity: Sendable, Hashable {
  var device: UInt64
  var inode: UInt64
}

extension FileView {
  /// What is at an absolute path; `nil` where nothing is. Blocks the calling thread, for as long as reading it takes.
  ///
  /// Others than root may own the folder: it is opened once, as in `Folder.shared`, and nothing is waited for that has come
  /// into the place of a file.
  ///
  /// - Parameters:
  ///   - size: what is expected; the content of a file of another size is not read, however long it is.
  ///   - digests: of files that are not read again.
  static func look(
    at path: String, size: Int? = nil, _ digests: KnownDigests = .none
  ) -> Result<FileView?, ProbeError> {
    do {
      let location = try FileLocation(shared: path)
      var status = stat()
      guard fstatat(location.folder.descriptor, FileName.cString(location.name), &status, AT_SYMLINK_NOFOLLOW) == 0
      else {
        let code = errno
        if code == ENOENT || code == ENOTDIR { return .success(nil) }
        return .failure(ProbeError(String(cString: strerror(code))))
      }
      var view = FileView(
        kind: kind(status.st_mode), mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid,
        size: Int(status.st_size), identity: FileIdentity(status))
      view.modified = status.st_mtim.seconds
      view.changed = status.st_ctim.seconds
      if view.kind == .link { view.link = try location.state().link }
      if view.kind == .file, size == nil || size == view.size { view.sha256 = try digests.digest(of: location) }
      return .success(view)
    } catch let error as FileError where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory {
      return .success(nil)
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  private static func kind(_ mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .directory
    case S_IFLNK: .link
    default: .other
    }
  }
}

extension FileIdentity {
  init(_ status: stat) {
    self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}

extension timespec {
  var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }
}

/// What was found at each expected file's path, read once for all the checks that need it.
struct FileSet: Sendable {
  private var seen: [String: Result<FileView?, ProbeError>]

  init(_ seen: [String: Result<FileView?, ProbeError>]) { self.seen = seen }

  /// Looks at every file, on as many threads as there are cores. Blocks the calling thread.
  static func look(at files: [ExpectedFile], _ digests: KnownDigests = .none) -> FileSet {
    let seen = Mutex<[String: Result<FileView?, ProbeError>]>([:])
    DispatchQueue.concurrentPerform(iterations: files.count) { index in
      let view = FileView.look(at: files[index].target, size: files[index].size, digests)
      seen.withLock { $0[files[index].target] = view }
    }
    return FileSet(seen.withLock { $0 })
  }

  subscript(path: String) -> Result<FileView?, ProbeError> {
    seen[path] ?? .failure(ProbeError("it was not looked at"))
  }

  /// The files that exist and that a process of the unit must not be older than, as `unit.current` compares them.
  func installed(_ files: [ExpectedFile], of unit: String) -> [InstalledFile] {
    files.filter { !$0.reload && $0.restarts?.contains(unit) != false }.compactMap { file in
      guard case .success(.some(let view)) = self[file.target], view.kind == .file,
        case .present(let sha256, _, _, _) = file.state
      else { return nil }
      return InstalledFile(
        target: file.target, isOwn: file.unit == unit, expected: sha256, identity: view.identity, sha256: view.sha256,
        executable: view.mode & 0o111 != 0, modified: view.modified, changed: view.changed)
    }
  }
}
