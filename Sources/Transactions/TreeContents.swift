internal import Deployment
internal import FileOperations
internal import Preflight
internal import SystemPackage

/// What is in the trees of a release on the host, beside what the release brings.
struct TreeContents {
  /// Files that no release brought and that stay.
  private(set) var kept = 0
  /// What is to be removed, and what is left alone, in sentences.
  private(set) var removed: [DesiredState.File] = []
  private(set) var notes: [String] = []

  init(of desired: DesiredState) throws {
    guard !desired.trees.isEmpty else { return }
    let named = Set(desired.files.map(\.path))
    let mounts = Set(MountPoints.all)
    for tree in desired.trees {
      var extra = 0
      if let rest = try walk(tree, named, mounts, &extra) {
        notes += rest.mounts.map { "\(tree.target)/\($0): something is mounted there; it is left alone" }
      }
      if tree.hidden > 0 {
        notes.append("\(tree.target): 'exclude' hides \(Plan.counted(tree.hidden)) of the release")
      }
      if extra > 0 {
        notes.append("\(tree.target): \(Plan.counted(extra)) that no release brought stay as they are")
      }
    }
  }

  private mutating func walk(
    _ tree: Tree, _ named: Set<String>, _ mounts: Set<String>, _ extra: inout Int
  ) throws -> TreeWalk.Rest? {
    let root: Folder
    do {
      root = try Folder.shared(tree.target)
    } catch is UntrustedLink {
      return nil
    } catch let error as FileError where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory {
      return nil
    }
    var found: [DesiredState.File] = []
    let rest = try TreeWalk(root: root, exclusion: tree.exclusion, barriers: mounts).run { path, kind in
      let path = tree.target + "/" + path
      guard !named.contains(path) else { return }
      guard tree.extra == .remove, kind != .other else {
        if kind != .directory { extra += 1 }
        return
      }
      var file = DesiredState.File(path: path, unit: "", state: .absent)
      file.tree = tree.target
      found.append(file)
    }
    removed += found
    return rest
  }
}
