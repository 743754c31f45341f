internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
internal import Releases

/// The files of the host as a plan will leave them, before it has been applied.
package struct PlannedFileSystem {
  package struct File {
    /// Its own path: no symlink.
    package var path: String
    /// Where its content can be read now.
    package var content: String
    package var state: FileState
    /// Whether the plan puts it there.
    package var isNew: Bool

    package init(path: String, content: String, state: FileState, isNew: Bool) {
      self.path = path
      self.content = content
      self.state = state
      self.isNew = isNew
    }
  }

  private let installs: [String: DesiredState.File]
  private let removed: Set<String>
  private let byFolder: [String: [String]]

  package init(_ plan: Plan) {
    installs = Dictionary(plan.installs.map { ($0.path, $0) }) { _, last in last }
    removed = Set(plan.steps.compactMap { if case .remove(let path) = $0.action { path } else { nil } })
    byFolder = Dictionary(grouping: installs.keys) { Files.parent(of: $0) }
  }

  /// The folders in which something new will be.
  package var newFolders: some Collection<String> { byFolder.keys }

  /// Whether something new will have that name, wherever it lies.
  func brings(fileNamed name: String) -> Bool { installs.keys.contains { Paths.name($0) == name } }

  /// What will be new in a folder itself, sorted.
  package func newPaths(in folder: String) -> [String] { (byFolder[folder] ?? []).sorted() }

  /// What will stand at `path`, symlinks followed; `nil` where nothing will.
  package func look(_ path: String) -> File? {
    var path = path
    // As often as the kernel follows (path_resolution(7)).
    for _ in 0..<40 {
      if let next = throughNewLink(path) {
        path = next
        continue
      }
      let real = Paths.of(Files.parent(of: path)).map { Paths.join($0, Paths.name(path)) } ?? path
      if let file = installs[path] ?? installs[real], let link = file.state.link {
        path = Paths.resolve(link, in: Files.parent(of: file.path))
        continue
      }
      if let file = installs[path] ?? installs[real], let origin = file.origin {
        return File(path: file.path, content: origin, state: file.state, isNew: true)
      }
      guard !removed.contains(path), !removed.contains(real), let state = try? FileState.peek(real) else { return nil }
      switch state.type {
      case .absent: return nil
      case .file, .directory, .other: return File(path: real, content: real, state: state, isNew: false)
      case .symlink:
        guard let link = (try? FileState.read(real))?.link else { return nil }
        path = Paths.resolve(link, in: Files.parent(of: real))
      }
    }
    return nil
  }

  /// Where a path leads of which a folder is a symlink that the plan puts there; `nil` where none is.
  private func throughNewLink(_ path: String) -> String? {
    var folder = Files.parent(of: path)
    while folder != "/", !folder.isEmpty {
      if let link = installs[folder]?.state.link {
        return Paths.join(Paths.resolve(link, in: Files.parent(of: folder)), String(path.dropFirst(folder.count)))
      }
      folder = Files.parent(of: folder)
    }
    return nil
  }

  /// Whether there will be a folder; those above a new file are made for it.
  package func hasFolder(_ path: String) -> Bool {
    if look(path)?.state.type == .directory { return true }
    if byFolder[path] != nil { return true }
    return byFolder.keys.contains { $0.hasPrefix(path + "/") }
  }

  /// The names that will be in a folder, sorted.
  package func names(in folder: String) throws -> [String] {
    let new = byFolder[folder] ?? []
    let now = try Files.names(in: folder).map { folder + "/" + $0 }.filter { !removed.contains($0) }
    return Set(new + now).map(Paths.name).sorted()
  }

  /// Which of these folders will have which names; of one that the plan makes a symlink of, nothing is known.
  func listing(_ folders: [String]) throws -> [String: Set<String>] {
    var listing: [String: Set<String>] = [:]
    for folder in folders where throughNewLink(folder + "/unit") == nil {
      // Under a name of its own, or that of where it leads.
      let places = [folder, Paths.of(folder) ?? folder].uniqued()
      listing[folder] = Set(try names(in: folder) + places.flatMap(newNames))
    }
    return listing
  }

  /// Of what will be new in a folder, the folders that are made for it included.
  private func newNames(in folder: String) -> [String] {
    let files = (byFolder[folder] ?? []).map(Paths.name)
    return files
      + byFolder.keys.filter { $0.hasPrefix(folder + "/") }.map { below in
        String(below.dropFirst(folder.count + 1).prefix { $0 != "/" })
      }
  }

  /// The paths that a glob(7) pattern will match.
  package func matches(_ pattern: String) -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }) else { return look(pattern) == nil ? [] : [pattern] }
    var found = glob_t()
    defer { globfree(&found) }
    var now: [String] = []
    if glob(pattern, 0, nil, &found) == 0 {
      now = (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }
    let new = installs.keys.filter { fnmatch(pattern, $0, FNM_PATHNAME) == 0 }
    return Set(now + new).filter { look($0) != nil }.sorted()
  }
}
