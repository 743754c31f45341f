internal import Basics
internal import Deployment
internal import FileOperations

/// Writes what was adopted as a release: a folder that root alone can read.
package struct ReleaseFolder {
  package let path: String

  /// - Throws: `Refusal` where there is something already: nothing is overwritten.
  package init(at path: String) throws {
    self.path = path
    guard try !Files.exists(path) || FileState.peek(path).type == .directory && Files.names(in: path).isEmpty else {
      throw Refusal(["'\(path)' exists already; remove it, or name another folder with --into"])
    }
  }

  /// Copies the files, then writes the manifest. What fails leaves a folder without a manifest, which is no release.
  package func write(_ host: AdoptedHost) throws {
    var host = host
    try Files.makeFolders(path, mode: 0o700)
    for file in host.files + host.units.flatMap(\.files) where file.state.type == .file {
      var state = file.state
      (state.owner, state.group) = (0, 0)
      let mode = (state.mode ?? 0) & 0o755 | 0o600
      // An access list says the same of the mode.
      let copy = file.isSecret ? state.settingMode(0o600) : state.settingMode(mode)
      let target = path + "/" + file.source
      try Files.makeFolders(Files.parent(of: target), mode: 0o700)
      try FileCopy.copy(FileLocation(shared: file.target), to: FileLocation(own: target), as: copy, syncs: false)
    }
    for index in host.trees.indices { host.trees[index].exclude += try copy(host.trees[index]) }
    try Files.replace(path + "/qtctl.yaml", with: Array(ManifestText(host).text.utf8), mode: 0o600)
  }

  /// - Returns: the patterns for files that changed while they were copied: the services write them.
  private func copy(_ tree: AdoptedTree) throws -> [String] {
    let target = path + "/" + tree.source
    try Files.makeFolders(target, mode: 0o700)
    var changing: [String] = []
    let walk = TreeWalk(root: try Folder.shared(tree.target), exclusion: Exclusion(tree.exclude), barriers: [])
    _ = try walk.run { name, kind in
      let to = FileLocation(try Folder.own(Files.parent(of: target + "/" + name)), Paths.name(name))
      switch kind {
      case .directory:
        var state = FileState(.directory)
        state.mode = 0o755
        try to.makeFolder(as: state)
      case .file, .symlink:
        let from = try FileLocation(shared: tree.target + "/" + name)
        var state = try from.state()
        (state.owner, state.group, state.xattrs) = (0, 0, nil)
        if let mode = state.mode { state.mode = mode & 0o755 | 0o600 }
        do {
          try FileCopy.copy(from, to: to, as: state, syncs: false)
        } catch is FileChanged {
          try to.remove()
          changing.append("/" + name)
        }
      case .absent, .other: return
      }
    }
    return changing
  }
}
