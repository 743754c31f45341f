/// Judges a trace of qtctl by what must be on disk before what:
///
/// 1. What is renamed or linked was fsynced after its last change; a folder with all that is in it.
/// 2. When the journal announces the next step, nothing that the last one changed waits to be fsynced: no file, and no
///    folder in which a name was made, renamed or removed. The same holds at the end.
/// 3. What the journal announces begins after the fsync of the journal.
struct SyncOrder {
  /// Files that are for people who look, and are nothing after a crash.
  static let ignored: Set = ["/var/lib/qtctl/lock", "/var/lib/qtctl/queue"]
  static let journal = "/var/lib/qtctl/transaction.jsonl"

  /// The calls that a trace must hold.
  static let calls = Trace.calls + ["fdatasync"]

  /// Only what lies below these counts.
  let roots: [String]
  private(set) var faults: [String] = []
  /// How often each rule was asked.
  private(set) var renames = 0
  private(set) var announcements = 0

  /// Files changed since their last fsync, and folders with names changed since theirs: path, and by what.
  private var files: [String: String] = [:]
  private var folders: [String: String] = [:]
  /// The thread whose words in the journal are not on disk yet.
  private var announcing: Substring?

  init(_ trace: [TracedCall], roots: [String]) {
    self.roots = roots
    for call in trace { judge(call) }
    expectNothing(before: "the end")
  }

  private mutating func judge(_ call: TracedCall) {
    let paths = call.paths.filter { counts($0) }
    if call.name == "fsync" || call.name == "fdatasync" { return synced(call, paths) }
    if call.thread == announcing, call.name == "sendmsg" || !paths.isEmpty, Self.changes(call) {
      faults.append("\(call) before the journal's last line was fsynced")
      announcing = nil
    }
    guard let path = paths.last else { return }
    switch call.name {
    case "write", "pwrite64":
      if path == Self.journal { announce(call) }
      files[path] = "\(call)"
    // A symlink cannot be fsynced, its folder's has to do.
    case "ftruncate", "fchmod", "fchown", "fsetxattr", "chmod", "chown", "fchmodat", "fchownat":
      if !call.arguments.contains("AT_SYMLINK_NOFOLLOW") { files[path] = "\(call)" }
    case "open", "openat", "openat2":
      if call.arguments.contains("O_CREAT") { folders[Self.parent(path)] = "\(call)" }
    case "mkdir", "mkdirat", "symlink", "symlinkat": folders[Self.parent(path)] = "\(call)"
    case "rename", "renameat", "renameat2": renamed(paths[0], to: path, by: call)
    case "link", "linkat":
      expectWhole(paths[0], before: call)
      folders[Self.parent(path)] = "\(call)"
    case "unlink", "unlinkat", "rmdir":
      forget(path)
      folders[Self.parent(path)] = "\(call)"
    default: break
    }
  }

  private mutating func synced(_ call: TracedCall, _ paths: [String]) {
    for path in paths {
      files[path] = nil
      folders[path] = nil
      if call.thread == announcing, path == Self.journal || path == Self.parent(Self.journal) { announcing = nil }
    }
  }

  private mutating func renamed(_ source: String, to target: String, by call: TracedCall) {
    renames += 1
    if target == Self.journal { announce(call) }
    expectWhole(source, before: call)
    forget(source)
    forget(target)
    for path in [source, target] { folders[Self.parent(path)] = "\(call)" }
  }

  private mutating func announce(_ call: TracedCall) {
    announcements += 1
    // What its own renaming changes is its own.
    let own = call.name.hasPrefix("rename") ? [Self.parent(Self.journal)] : []
    expectNothing(before: "\(call)", except: own)
    announcing = call.thread
  }

  private mutating func expectNothing(before what: String, except own: [String] = []) {
    for (path, cause) in files.sorted(by: { $0.key < $1.key }) {
      faults.append("'\(path)' is not fsynced after \(cause), before \(what)")
    }
    for (path, cause) in folders.sorted(by: { $0.key < $1.key }) where !own.contains(path) {
      faults.append("folder '\(path)' is not fsynced after \(cause), before \(what)")
    }
    // Each is said once.
    files = [:]
    folders = folders.filter { own.contains($0.key) }
  }

  private mutating func expectWhole(_ source: String, before call: TracedCall) {
    for (path, cause) in files where Self.is(path, in: source) {
      faults.append("'\(path)' is not fsynced after \(cause), before \(call)")
    }
    for (path, cause) in folders where Self.is(path, in: source) {
      faults.append("folder '\(path)' is not fsynced after \(cause), before \(call)")
    }
  }

  /// What no longer exists need not be on disk.
  private mutating func forget(_ gone: String) {
    files = files.filter { !Self.is($0.key, in: gone) }
    folders = folders.filter { !Self.is($0.key, in: gone) }
  }

  private func counts(_ path: String) -> Bool {
    !Self.ignored.contains(path) && roots.contains { Self.is(path, in: $0) }
  }

  private static func changes(_ call: TracedCall) -> Bool {
    guard call.name.hasPrefix("open") else { return true }
    return ["O_CREAT", "O_TRUNC"].contains { call.arguments.contains($0) }
  }

  private static func `is`(_ path: String, in tree: String) -> Bool { path == tree || path.hasPrefix(tree + "/") }

  private static func parent(_ path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }
}
