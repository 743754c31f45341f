package import Deployment
internal import FileOperations

/// Who uses which path: what units name exactly, and the folders in which they look for files.
package struct PathIndex: Sendable {
  /// Folders of so many programs that to name one says nothing of what is in it.
  private static let common = Set([
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/media", "/mnt", "/opt", "/proc",
    "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/libexec",
    "/usr/local", "/usr/local/bin", "/usr/local/etc", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share",
    "/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/tmp",
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
  ]).union(UnitFolders.all).union(UnitFolders.all.map(Files.parent(of:)))

  private var exact: [String: [PathUse]] = [:]
  private var trees: [String: [PathUse]] = [:]
  /// What systemd itself reads: no program finds such a file in a folder by chance.
  private var ofManager: Set<String> = []
  private var known: [String: Names] = [:]

  package init() {}

  /// That a unit uses this very path.
  ///
  /// - Parameter readByManager: whether systemd reads it, and not the unit's program.
  package mutating func add(_ path: String, _ use: PathUse, readByManager: Bool = false) {
    let names = names(of: path)
    for name in names.places + names.links { add(use, to: &exact[name, default: []]) }
    if readByManager { ofManager.formUnion(names.places) }
  }

  /// That a unit uses whatever it finds in this folder.
  package mutating func add(tree path: String, _ use: PathUse) {
    for name in names(of: path).places where !Self.common.contains(name) { add(use, to: &trees[name, default: []]) }
    // The folder itself may be a symlink that changes.
    add(path, use)
  }

  private func add(_ use: PathUse, to uses: inout [PathUse]) {
    // One reason a unit is enough; the first is the most telling.
    if !uses.contains(where: { $0.unit == use.unit }) { uses.append(use) }
  }

  /// Who uses the path; one reason a unit.
  package func uses(of path: String) -> [PathUse] {
    var places = Places()
    return uses(of: path, at: places.place(of: path))
  }

  /// - Parameter place: the path with the symlinks among the folders above it followed.
  package func uses(of path: String, at place: String) -> [PathUse] {
    var found: [PathUse] = []
    var units: Set<String> = []
    func add(_ uses: [PathUse]?) {
      for use in uses ?? [] where units.insert(use.unit).inserted { found.append(use) }
    }
    let names = path == place ? [path] : [path, place]
    for name in names { add(exact[name]) }
    guard ofManager.isDisjoint(with: names) else { return found }
    for name in names {
      var folder = Files.parent(of: name)
      while folder != "/" && !folder.isEmpty {
        add(trees[folder])
        folder = Files.parent(of: folder)
      }
    }
    return found
  }

  /// A path, and what it leads to.
  private struct Names {
    /// The path as it is written, and as it reads once each symlink on it is followed.
    var places: [String] = []
    /// The symlinks on the way.
    var links: [String] = []
  }

  private mutating func names(of path: String) -> Names {
    if let names = known[path] { return names }
    var names = Names()
    var place = path
    // As often as the kernel follows (path_resolution(7)).
    for _ in 0..<40 where !names.places.contains(place) {
      names.places.append(place)
      guard let (link, rest) = Self.firstLink(on: place), let target = (try? FileState.read(link))?.link else { break }
      if !rest.isEmpty { names.links.append(link) }
      let next = Paths.resolve(target, in: Files.parent(of: link))
      place = rest.isEmpty ? next : Paths.join(next, rest)
    }
    known[path] = names
    return names
  }

  /// The first part of a path that is a symlink, and what follows it.
  private static func firstLink(on path: String) -> (link: String, rest: String)? {
    var prefix = ""
    let parts = path.split(separator: "/")
    for (place, part) in parts.enumerated() {
      prefix += "/" + part
      guard let type = (try? FileState.peek(prefix))?.type else { return nil }
      if type == .symlink { return (prefix, parts[(place + 1)...].joined(separator: "/")) }
      if type != .directory { return nil }
    }
    return nil
  }
}
