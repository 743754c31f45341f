internal import Backups
internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import HostState

/// A target is a file under a name that is its own, in a place that a reboot leaves and that only its owner writes to.
package struct TargetsAllowed: PreflightCheck {
  /// Made by the kernel or gone at the next boot. Runtime units are made for one boot, and that is their place.
  private static let barred = ["/proc", "/sys", "/dev", "/run"]
  private static let exception = UnitFolders.runtime + "/"

  package func findings(_ situation: PreflightSituation) throws -> [String] {
    try replaceable(situation) + twice(situation) + each(situation)
  }

  /// What a rename cannot replace, and what cannot be staged beside its target.
  private func replaceable(_ situation: PreflightSituation) -> [String] {
    let changed = situation.plan.changedFiles
    guard !changed.isEmpty else { return [] }
    let mounts = Set(MountPoints.all)
    var places = Places()
    // Thousands of files lie in hundreds of folders.
    var folders: [String: (real: String, fault: String?)] = [:]
    func folder(above path: String) -> (real: String, fault: String?) {
      let parent = Files.parent(of: path)
      if let known = folders[parent] { return known }
      let real = Paths.deepestFolder(above: path)
      let found = (real: real, fault: MountPoints.fault(real))
      folders[parent] = found
      return found
    }
    return changed.flatMap { path -> [String] in
      if mounts.contains(places.place(of: path)) {
        return [
          "\(path) is a mount point, which cannot be replaced; unmount it, or name what is mounted there as target"
        ]
      }
      // Most names are far from being too long.
      if path.utf8.count > 200 {
        let name = Paths.name(Files.stagedPath(for: path))
        let staged = FileName.bytes(Files.stagedPath(for: path))
        if FileName.bytes(name).count > Int(NAME_MAX) || staged.count >= Int(PATH_MAX) {
          return ["\(path) is too long a name: '\(name)' is made beside it first; choose a shorter one"]
        }
      }
      let folder = folder(above: path)
      if let fault = folder.fault { return ["\(path) cannot be replaced: '\(folder.real)' is \(fault)"] }
      if let fault = Files.exists(path) ? MountPoints.immutable(path) : nil {
        return ["\(path) cannot be replaced: it is \(fault)"]
      }
      return []
    }
  }

  /// Two targets that are one file.
  private func twice(_ situation: PreflightSituation) -> [String] {
    guard situation.release != nil else { return [] }
    var known = Places()
    var places: [String: String] = [:]
    places.reserveCapacity(situation.change.desired.files.count)
    return situation.change.desired.files.lazy.filter(\.state.exists).compactMap { file in
      let place = known.place(of: file.path)
      guard let first = places.updateValue(file.path, forKey: place), first != file.path else { return nil }
      return "\(first) and \(file.path) are one file, \(place); list it once"
    }
  }

  private func each(_ situation: PreflightSituation) throws -> [String] {
    var known: [String: TargetFolder] = [:]
    var sources = Places()
    let changed = Set(situation.plan.changedFiles)
    return try situation.change.desired.files.lazy.filter { file in
      file.state.exists && (file.tree == nil || file.tree == file.path || changed.contains(file.path))
    }.flatMap { file -> [String] in
      // Where a backup puts things was settled when they were put there first.
      guard situation.release != nil else { return kind(of: file, situation) }
      let parent = Files.parent(of: file.path)
      let folder = try known[parent] ?? TargetFolder(of: file.path)
      known[parent] = folder
      return kind(of: file, situation) + place(of: file, in: folder, &sources, situation)
        + folder.everybodys.map {
          "\(file.path) is under '\($0)', which everybody may write to; run: chmod o-w \($0)"
        }
    }
  }

  private func kind(of file: DesiredState.File, _ situation: PreflightSituation) -> [String] {
    let current = situation.inventory.file(file.path)
    guard current.exists && current.type != .file else { return [] }
    // A folder of a tree replaces a file or is one; a link replaces a link.
    if current.type == file.state.type, current.type != .other { return [] }
    if current.type != .other, situation.release == nil || file.tree != nil { return full(file, current, situation) }
    // A rollback may have to put a symlink back.
    guard situation.release != nil || current.type == .directory else { return [] }
    let what = current.type == .symlink ? "a symlink to \(current.link ?? "?")" : "a \(current.type.noun)"
    return ["target '\(file.path)' is \(what), not a file; name the file itself as target"]
  }

  /// A folder that a file or link of the release is to replace is empty by then.
  private func full(_ file: DesiredState.File, _ current: FileState, _ situation: PreflightSituation) -> [String] {
    guard situation.release != nil, current.type == .directory, file.state.type != .directory,
      let folder = try? Folder.shared(file.path)
    else { return [] }
    let gone = Set(situation.change.desired.files.filter { !$0.state.exists }.map(\.path))
    var left: String?
    _ = try? TreeWalk(root: folder, exclusion: Exclusion([]), barriers: []).run { path, _ in
      if left == nil, !gone.contains(file.path + "/" + path) { left = path }
    }
    return left.map {
      ["'\(file.path)' is a folder with files of the host, such as '\($0)', and not one in the release; move them away"]
    } ?? []
  }

  private func place(
    of file: DesiredState.File, in folder: TargetFolder, _ sources: inout Places, _ situation: PreflightSituation
  ) -> [String] {
    let path = Paths.join(folder.real, String(file.path.utf8.dropFirst(folder.existing.utf8.count)) ?? "")
    if let root = Self.barred.first(where: { path.hasPrefix($0 + "/") }), !path.hasPrefix(Self.exception) {
      return ["target '\(file.path)' is under '\(root)', which a reboot empties; choose a target on disk"]
    }
    for (own, what) in [
      (situation.state.path, "qtctl's own state"), (situation.change.store.path, "the backup store"),
    ]
    where path.hasPrefix(own + "/") || file.path.hasPrefix(own + "/") {
      return ["target '\(file.path)' is in '\(own)', which is \(what); choose another target"]
    }
    if let origin = file.origin, file.state.type != .directory, situation.release != nil,
      path == (file.state.type == .file ? sources.place(of: origin) : Paths.of(origin))
    {
      return ["target '\(file.path)' is its own source; set 'source' to the file in the release"]
    }
    return []
  }
}

/// The deepest folder above a target that exists.
private struct TargetFolder {
  let existing: String
  /// Without symlinks.
  let real: String
  /// Those of it and above it that everybody may write to: what lies there can be swapped by anybody.
  let everybodys: [String]

  init(of path: String) throws {
    existing = Paths.existingFolder(above: path)
    real = Paths.of(existing) ?? "/"
    var open: [String] = []
    var folder = real
    while folder != "/" && !folder.isEmpty {
      if let mode = try FileState.peek(folder).mode, mode & 0o002 != 0 { open.append(folder) }
      folder = Files.parent(of: folder)
    }
    everybodys = open
  }
}
