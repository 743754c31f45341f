internal import Basics
internal import Deployment
internal import Glibc

/// Whether anybody but those who are trusted can change what a path leads to.
///
/// Every component on the way belongs to one of them and can be written by nobody else. Three exceptions are safe: a group
/// that is root's or the caller's alone may write; so may everybody in a sticky folder of root's, where nobody can rename
/// what another one owns; and symlinks are followed, the same rule holding for what they lead through.
package struct PathTrust {
  /// A component that others can change, or replace.
  package struct Fault: Hashable, CustomStringConvertible {
    package let path: String
    /// Such as "belongs to mallory".
    package let reason: String

    package var description: String { "'\(path)' \(reason)" }
  }

  private let owners: Set<UInt32>
  private let groups: Set<UInt32>

  private init(owners: Set<UInt32>, groups: Set<UInt32>) {
    self.owners = owners
    self.groups = groups
  }

  /// For what root alone decides: backups and state.
  package static let root = PathTrust(owners: [0], groups: [0])

  /// For a release: root, who runs this, and who asked for it through sudo or pkexec.
  package static var deployer: PathTrust {
    PathTrust(owners: Caller.deployers, groups: Set(Caller.deployers.compactMap(Caller.privateGroup)).union([0]))
  }

  /// The first component on the way to a path that others can change, the path itself included; `nil` where none is, or
  /// where the path cannot be looked at. What does not exist yet is judged by the folder in which it would be made.
  package func fault(of path: String) -> Fault? {
    var way = Way()
    return go(Self.components(path), isEnd: true, &way).fault
  }

  /// The faults of many paths, each once, in their order. The way to a folder is gone once.
  package func faults(of paths: [String]) -> [Fault] {
    var ways: [String: (end: End, way: Way)] = [:]
    func way(to folder: String) -> (end: End, way: Way) {
      if let known = ways[folder] { return known }
      var way = Way()
      let end = go(Self.components(folder), isEnd: false, &way)
      ways[folder] = (end, way)
      return (end, way)
    }
    return paths.compactMap { path -> Fault? in
      let name = Paths.name(path)
      // Of those the folder itself is the end.
      guard Paths.isPlain(path), name != ".", name != ".." else { return fault(of: path) }
      var (end, way) = way(to: Files.parent(of: path))
      if case .goesOn = end { end = go([name], isEnd: true, &way) }
      return end.fault
    }.uniqued()
  }

  /// How far one has come.
  private struct Way {
    /// The components behind, none of them a symlink.
    var done: [String] = []
    var links = 0
    /// The last of them; `nil` before the root was looked at.
    var folder: stat?
  }

  private enum End {
    case faulty(Fault)
    /// What is there cannot be looked at.
    case unknown
    case goesOn

    var fault: Fault? { if case .faulty(let fault) = self { fault } else { nil } }
  }

  /// - Parameter isEnd: whether nothing comes behind the last component.
  private func go(_ components: [String], isEnd: Bool, _ way: inout Way) -> End {
    var rest = ArraySlice(components)
    if way.folder == nil {
      var root = stat()
      guard lstat("/", &root) == 0 else { return .unknown }
      if let fault = fault(root, at: "/", isLast: isEnd && rest.isEmpty) { return .faulty(fault) }
      way.folder = root
    }
    while let name = rest.popFirst() {
      if name == ".." {
        _ = way.done.popLast()
        continue
      }
      let place = "/" + (way.done + [name]).joined(separator: "/")
      var facts = stat()
      guard lstat(place, &facts) == 0 else {
        // Where anybody may make a name, somebody may make this one first.
        guard let folder = way.folder, folder.st_mode & 0o002 != 0 else { return .unknown }
        return .faulty(Fault(path: "/" + way.done.joined(separator: "/"), reason: "can be written by everybody"))
      }
      if facts.st_mode & S_IFMT == S_IFLNK {
        guard owners.contains(facts.st_uid) else { return .faulty(belongs(facts, place)) }
        way.links += 1
        guard way.links <= 40, let target = try? FileState.read(place).link else { return .unknown }
        rest = Self.components(target) + rest
        if target.hasPrefix("/") { way.done = [] }
        continue
      }
      if let fault = fault(facts, at: place, isLast: isEnd && rest.isEmpty) { return .faulty(fault) }
      way.folder = facts
      way.done.append(name)
    }
    return .goesOn
  }

  private func fault(_ facts: stat, at path: String, isLast: Bool) -> Fault? {
    guard owners.contains(facts.st_uid) else { return belongs(facts, path) }
    let isFolder = facts.st_mode & S_IFMT == S_IFDIR
    let isSticky = isFolder && !isLast && facts.st_uid == 0 && facts.st_mode & S_ISVTX != 0
    if isSticky { return nil }
    let mode = "(mode \(FileState.octal(facts.st_mode & 0o7777)))"
    if facts.st_mode & 0o002 != 0 { return Fault(path: path, reason: "can be written by everybody \(mode)") }
    guard facts.st_mode & 0o020 != 0 else { return nil }
    // The group's bits are the mask of an access control list, which may let anybody in.
    if hasAccessList(path) { return Fault(path: path, reason: "can be written by others through its access list") }
    guard !groups.contains(facts.st_gid) else { return nil }
    return Fault(path: path, reason: "can be written by group \(Accounts.groupName(facts.st_gid)) \(mode)")
  }

  private func belongs(_ facts: stat, _ path: String) -> Fault {
    Fault(path: path, reason: "belongs to \(Accounts.userName(facts.st_uid))")
  }

  private func hasAccessList(_ path: String) -> Bool {
    ((try? ExtendedAttributes.read(path, shown: path)) ?? [:])["system.posix_acl_access"] != nil
  }

  private static func components(_ path: String) -> [String] {
    path.split(separator: "/").map(String.init).filter { $0 != "." }
  }
}

extension Caller {
  /// root, who runs this, and who asked for it through sudo or pkexec.
  package static var deployers: Set<UInt32> {
    let names: [String] = ["SUDO_UID", "PKEXEC_UID"]
    let behind = names.compactMap { name in getenv(name).flatMap { UInt32(String(cString: $0)) } }
    return Set([0, geteuid()] + behind)
  }

  /// The group of a user that nobody else is in: it has the user's name and no other members.
  static func privateGroup(of user: UInt32) -> UInt32? {
    guard user != 0, let entry = getpwuid(user) else { return nil }
    let (name, number) = (String(cString: entry.pointee.pw_name), entry.pointee.pw_gid)
    guard let group = getgrgid(number), String(cString: group.pointee.gr_name) == name else { return nil }
    var member = group.pointee.gr_mem
    while let text = member?.pointee {
      guard String(cString: text) == name else { return nil }
      member = member.map { $0 + 1 }
    }
    return number
  }
}
