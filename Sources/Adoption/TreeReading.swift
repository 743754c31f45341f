internal import Basics
internal import Deployment
internal import FileOperations

/// Which folders are source trees, and what in them the services write themselves.
struct TreeReading {
  /// A folder with more than this is no source tree.
  private static let (mostFiles, mostBytes) = (100_000, 4 << 30)
  /// Folders that many programs share.
  private static let shared = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var",
  ]
  /// Below those, a folder may be a program's own.
  private static let exceptions = ["/usr/local/lib/", "/usr/local/share/", "/usr/share/", "/usr/lib/", "/var/www/"]
  private static let homes = ["/home", "/root", "/opt", "/srv", "/mnt", "/media"]
  private static let code = [
    ".py", ".pyi", ".so", ".sh", ".js", ".mjs", ".ts", ".rb", ".pl", ".php", ".lua", ".jar", ".html", ".css", ".yaml",
    ".yml", ".toml", ".ini", ".cfg", ".conf", ".txt", ".md",
  ]
  private static let always = ["__pycache__/", "*.pyc", ".git/"]

  /// Why a folder cannot be a tree; `nil`: it can.
  static func fault(of path: String) -> String? {
    guard let real = Paths.of(path), (try? FileState.peek(real).type) == .directory else { return "it does not exist" }
    guard real == path else { return "it is reached by a symlink, to '\(real)'" }
    if shared.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) {
      guard let exception = exceptions.first(where: path.hasPrefix), path.count > exception.count else {
        return "many programs share it"
      }
    }
    let depth = path.split(separator: "/").count
    if homes.contains(path) || path == "/" { return "many programs share it" }
    if path.hasPrefix("/home/"), depth < 3 { return "it is a user's home" }
    return nil
  }

  /// The patterns for what services write in a tree.
  ///
  /// - Parameters:
  ///   - written: what processes have open for writing.
  ///   - started: when the first of the services started, in seconds since 1970.
  /// - Throws: `Refusal` where it is too large for a source tree.
  static func exclusions(of root: String, written: Set<String>, started: Int?) throws -> [String] {
    var hidden: [String] = []
    var seen: Set<String> = []
    var left = (files: mostFiles, bytes: mostBytes)
    let walk = TreeWalk(root: try Folder.shared(root), exclusion: Exclusion(always), barriers: [])
    let rest = try walk.run { path, kind in
      left.files -= 1
      guard kind == .file else { return }
      let state = try FileState.peek(root + "/" + path)
      left.bytes -= state.size ?? 0
      guard left.files > 0, left.bytes > 0 else {
        throw Refusal(["it has more than \(mostFiles) files or \(mostBytes >> 30) GiB"])
      }
      let isNew = started.map { (state.mtime?.seconds ?? 0) > $0 + 1 } ?? false
      let isCode = code.contains(where: path.hasSuffix) || (state.mode ?? 0) & 0o111 != 0
      if written.contains(root + "/" + path) || isNew && !isCode {
        hidden.append(path)
      } else {
        seen.insert(folder(path))
      }
    }
    guard rest.mounts.isEmpty else {
      throw Refusal(["something is mounted in it, on '\(rest.mounts.joined(separator: ", "))'"])
    }
    // A folder in which services write everything is hidden as a whole.
    let whole = Set(hidden.map(folder)).filter { place in
      !place.isEmpty && !seen.contains { $0 == place || $0.hasPrefix(place + "/") }
    }
    let outer = whole.filter { place in !whole.contains { place.hasPrefix($0 + "/") } }
    let single = hidden.filter { path in !outer.contains { path.hasPrefix($0 + "/") } }
    return always + outer.sorted().map { "/" + escaped($0) + "/" } + single.sorted().map { "/" + escaped($0) }
  }

  private static func folder(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  private static func escaped(_ path: String) -> String {
    path.reduce(into: "") { text, character in
      if "*?[\\".contains(character) { text.append("\\") }
      text.append(character)
    }
  }
}
