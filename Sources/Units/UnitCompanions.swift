package import Deployment
internal import FileOperations
internal import Glibc

/// The files of the host's own that belong to a unit, as systemd finds them (systemd.unit(5)). What a package manager
/// owns and what a reboot takes is not among them.
package struct UnitCompanions {
  /// Where nothing is the administrator's own.
  private static let others = ["/usr/lib/", "/lib/", "/run/", "/proc/", "/sys/", "/dev/"]
  private let unit: String
  private let name: UnitName
  private let folders: [String]
  private let links: UnitLinks

  /// - Parameter links: those of the folders, where they were looked at before.
  package init(_ unit: String, folders: [String] = UnitFolders.administrator, links: UnitLinks? = nil) {
    self.unit = unit
    name = UnitName(unit)
    self.folders = folders
    self.links = links ?? UnitLinks(folders: folders)
  }

  /// The administrator's unit whose file a path is; `nil` where it is none, and for a template.
  package static func unit(ofFile path: String) -> String? {
    UnitFolders.unit(ofFile: path, in: UnitFolders.administrator)
  }

  /// - Parameter patterns: what its `EnvironmentFile=` lines name; each may be a glob(7) pattern.
  package func all(environmentFiles patterns: [String]) throws -> [UnitArtifact] {
    try fragments() + dropIns() + links.of(unit).map { companion($0, .link) } + environment(patterns)
  }

  /// Its file, or that there is none; a template's too.
  private func fragments() throws -> [UnitArtifact] {
    try places(name.files).flatMap { path in
      if try FileState.read(path).link == "/dev/null" { return [companion(path, .mask)] }
      return try chain(path).map { companion($0, .unitFile) }
    }
  }

  private func dropIns() throws -> [UnitArtifact] {
    try places(name.files.map { $0 + ".d" }).flatMap { folder in
      try Files.names(in: folder).filter { $0.hasSuffix(".conf") }.flatMap { try chain(folder + "/" + $0) }
    }.map { companion($0, .dropIn) }
  }

  private func environment(_ patterns: [String]) throws -> [UnitArtifact] {
    try patterns.flatMap(Self.matches).flatMap(chain).filter { path in
      !Self.others.contains(where: path.hasPrefix)
    }.map { companion($0, .environment) }
  }

  /// A path and, where it is root's symlink, the administrator's own files that it leads to.
  private func chain(_ path: String) throws -> [String] {
    var paths = [path]
    // As often as the kernel follows (path_resolution(7)).
    for _ in 0..<40 {
      let last = paths[paths.endIndex - 1]
      let state = try FileState.read(last)
      // Whoever made a link of his own does not choose what is saved and put back.
      guard state.type == .symlink, state.owner == 0 || !Caller.isRoot, let link = state.link else { break }
      let folder = Files.parent(of: last)
      let next = Paths.resolve(link, in: Paths.of(folder) ?? folder)
      if paths.contains(next) || Self.others.contains(where: next.hasPrefix) { break }
      paths.append(next)
    }
    return paths
  }

  /// The paths that a pattern matches; what is no pattern stands for itself, there or not.
  static func matches(_ pattern: String) -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }) else { return [pattern] }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }

  private func places(_ names: [String]) -> [String] {
    folders.flatMap { folder in names.map { folder + "/" + $0 } }
  }

  private func companion(_ path: String, _ role: UnitArtifact.Role) -> UnitArtifact {
    UnitArtifact(path: path, unit: unit, role: role)
  }
}
