internal import Dispatch
internal import Synchronization

/// What was found at each expected file's path, looked at once for all the checks that need it.
struct FileSet: Sendable {
  private var seen: [String: Result<FileView?, Unseen>]

  init(_ seen: [String: Result<FileView?, Unseen>]) { self.seen = seen }

  /// Looks at every path, on as many threads as there are cores. Holds the calling thread.
  static func look(at paths: [String]) -> FileSet {
    let seen = Mutex<[String: Result<FileView?, Unseen>]>([:])
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let view = FileView.look(at: paths[index])
      seen.withLock { $0[paths[index]] = view }
    }
    return FileSet(seen.withLock { $0 })
  }

  subscript(path: String) -> Result<FileView?, Unseen> {
    seen[path] ?? .failure(Unseen("it was not looked at"))
  }

  /// The files of a unit that are there, as `unit.current` compares them.
  func installed(_ files: [ExpectedFile], of unit: String) -> [InstalledFile] {
    files.filter { $0.unit == unit }.compactMap { file in
      guard case .success(.some(let view)) = self[file.target], view.kind == .file,
        case .present(let sha256, _, _, _) = file.state
      else { return nil }
      return InstalledFile(
        target: file.target, expected: sha256, identity: view.identity, sha256: view.sha256,
        executable: view.mode & 0o111 != 0, modified: view.modified, changed: view.changed)
    }
  }
}
