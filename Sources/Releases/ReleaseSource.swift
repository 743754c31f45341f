internal import Basics
internal import Deployment
internal import FileOperations
internal import KnownDigests

/// What one entry of a manifest's `files` brings: a file, a symlink, or a folder with all that is in it.
struct ReleaseSource: Sendable {
  let entry: Manifest.File
  /// The unit that it belongs to; empty for one that no service owns.
  let unit: String
  /// The manifest's folder.
  let folder: String
  /// Of files that are not read again.
  var digests = KnownDigests.none

  private var source: String { Paths.resolve(entry.source, in: folder) }

  /// All of it.
  ///
  /// - Parameter last: the folder of the source before.
  /// - Throws: `Refusal`, or `FileError`.
  func look(_ last: inout LastFolder) throws -> (files: [DesiredState.File], tree: Tree?) {
    let source = source
    let state = try entry.link.map(Self.link) ?? FileState.read(source, in: &last, digest: digests.digest)
    guard state.type == .directory else { return ([try file(source, state, &last)], nil) }
    let (files, tree) = try tree(source)
    return (files, tree)
  }

  /// A file or a symlink.
  private func file(_ source: String, _ state: FileState, _ last: inout LastFolder) throws -> DesiredState.File {
    guard entry.exclude == nil, entry.extra == nil else {
      throw Refusal(["source '\(source)' is not a folder; 'exclude' and 'extra' of '\(entry.target)' are for folders"])
    }
    var state = state
    guard state.type == .file || state.type == .symlink else {
      throw Refusal([
        state.exists
          ? "source '\(source)' is a \(state.type.noun), not a file"
          : "source '\(source)' of '\(entry.target)' does not exist; build it, or correct 'source' in the manifest"
      ])
    }
    // The kernel makes these files when they are read, and says that they are empty.
    if state.type == .file, ["/proc/", "/sys/"].contains(where: last.place(of: source).hasPrefix) {
      throw Refusal(["source '\(source)' is no file on a disk; copy what it says into the release"])
    }
    if state.type == .file { state = entry.mode.map(state.settingMode) ?? state }
    (state.owner, state.group) = try (owner(), group())
    return desired(entry.target, state, origin: entry.link == nil ? source : nil, restarts: entry.restartedUnits)
  }

  /// A folder with all that is in it but what `exclude` hides, folders before what is in them. Owners that the manifest
  /// does not name are the host's business.
  private func tree(_ source: String) throws -> (files: [DesiredState.File], tree: Tree) {
    guard entry.mode == nil, !entry.keep else {
      throw Refusal(["source '\(source)' is a folder; 'mode' and 'keep' of '\(entry.target)' are for files"])
    }
    var tree = Tree(
      target: entry.target, exclusion: entry.exclude ?? Exclusion([]), extra: entry.extra ?? .keep)
    let owner = entry.namesOwner ? try self.owner() : nil
    let group = entry.namesGroup ? try self.group() : nil
    var paths = [""]
    var faults: [String] = []
    let walk = TreeWalk(root: try Folder.own(source), exclusion: tree.exclusion, barriers: [])
    let found = try walk.run { path, _ in paths.append(path) }
    let states = try Parallel.map(paths, with: { LastFolder() }) { [digests] last, path in
      try FileState.read(path.isEmpty ? source : source + "/" + path, in: &last, digest: digests.digest)
    }
    let files = zip(paths, states).map { path, state in
      let source = path.isEmpty ? source : source + "/" + path
      if state.type == .other { faults.append("'\(source)' is neither a file, a folder nor a symlink") }
      var state = state
      // A source's attributes are those of where it was built; what is on the host keeps its own.
      state.xattrs = nil
      (state.owner, state.group) = (owner, group)
      var file = desired(
        path.isEmpty ? entry.target : entry.target + "/" + path, state, origin: source,
        restarts: entry.restartedUnits(by: path))
      file.tree = entry.target
      return file
    }
    tree.hidden = found.hidden
    guard faults.isEmpty else {
      throw Refusal(faults.prefix(10).map { "\($0); remove it from the release, or name it in 'exclude'" })
    }
    return (files, tree)
  }

  private func desired(
    _ path: String, _ state: FileState, origin: String?, restarts: [String]?
  ) -> DesiredState.File {
    var state = state
    state.mtime = nil
    var file = DesiredState.File(
      path: path, unit: unit, state: state, origin: origin, secret: entry.secret, keep: entry.keep)
    file.restarts = restarts
    file.unsafe = entry.unsafe
    file.reload = entry.reload
    return file
  }

  private static func link(to target: String) -> FileState {
    var state = FileState(.symlink)
    state.link = target
    state.mode = 0o777
    return state
  }

  private func owner() throws -> UInt32 { try account("owner") { try Accounts.user(entry.owner) } }
  private func group() throws -> UInt32 { try account("group") { try Accounts.group(entry.group) } }

  private func account(_ key: String, _ look: () throws -> UInt32) throws -> UInt32 {
    do {
      return try look()
    } catch let error as UnknownAccount {
      throw Refusal(["\(error), or change '\(key)' of '\(entry.target)' in the manifest"])
    }
  }
}
