package import Basics

/// A folder of a release that is deployed with all that is in it.
package struct Tree: Sendable, Hashable {
  /// What becomes of files on the host that no release brought.
  package enum Extra: String, Sendable, Hashable, CaseIterable { case keep, remove }

  /// Where it goes, absolute.
  package var target: String
  package var exclusion: Exclusion
  package var extra: Extra
  /// How many files of the release `exclude:` hides; of a hidden folder, the folder alone counts.
  package var hidden = 0

  package init(target: String, exclusion: Exclusion = Exclusion([]), extra: Extra = .keep) {
    self.target = target
    self.exclusion = exclusion
    self.extra = extra
  }

  /// Whether a path of the host belongs to the tree and is hidden by `exclude:`.
  package func hides(_ path: String) -> Bool {
    guard path.hasPrefix(target + "/") else { return false }
    return exclusion.hides(String(path.dropFirst(target.count + 1)))
  }
}

extension DesiredState {
  /// With the owners and modes that the manifest leaves to the host: what exists keeps its own, with the executable bits of
  /// its source; what is new takes the owner of its folder.
  package func settled(in inventory: Inventory) -> DesiredState {
    guard files.contains(where: { $0.tree != nil }) else { return self }
    var state = self
    var owners = inventory.above.mapValues { (owner: $0.owner, group: $0.group) }
    for index in state.files.indices {
      let file = state.files[index]
      guard file.tree != nil, file.state.exists else { continue }
      let current = inventory.file(file.path)
      let above = owners[Self.parent(of: file.path)] ?? (0, 0)
      state.files[index].state = file.state.settled(on: current, above: above)
      if file.state.type == .directory {
        owners[file.path] = (state.files[index].state.owner, state.files[index].state.group)
      }
    }
    return state
  }

  /// The folder of an absolute path.
  package static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "/" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension FileState {
  fileprivate func settled(on current: FileState, above: (owner: UInt32?, group: UInt32?)) -> FileState {
    var state = self
    guard current.type == type else {
      state.owner = owner ?? above.owner
      state.group = group ?? above.group
      return state
    }
    state.owner = owner ?? current.owner
    state.group = group ?? current.group
    guard type != .symlink else { return state }
    // A new content has none of the old one's capabilities, as with every way to write a file.
    state.xattrs =
      sha256 == current.sha256 ? current.xattrs : current.xattrs?.filter { $0.key != "security.capability" }
    guard let mode = current.mode else { return state }
    guard type == .file else { return state.settingMode(mode) }
    let isProgram = (self.mode ?? 0) & 0o111 != 0
    guard isProgram != (mode & 0o111 != 0) else { return state.settingMode(mode) }
    return state.settingMode(isProgram ? mode | ((mode & 0o444) >> 2) : mode & ~0o111)
  }
}
