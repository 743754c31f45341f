internal import Glibc

/// What the kernel says of one process of a unit.
struct ProcessView: Sendable, Equatable {
  var pid: Int
  /// What it executes, without the kernel's ` (deleted)`.
  var executable: String
  /// Whether the file it executes has been unlinked or replaced since.
  var deleted: Bool
  /// The file it executes, whatever its name is now.
  var identity: FileIdentity
  /// Its arguments, the program's name included.
  var arguments: [String]
  /// When it started, in seconds since 1970, good to about 10 ms.
  var started: Double
  /// The paths that it has open or mapped.
  var files: Set<String> = []
  /// Those of them that have been unlinked or replaced since, by the path that they had.
  var deletedFiles: Set<String> = []
  /// Where it looks for files by name: its working directory, and the folders of variables such as `PYTHONPATH`.
  var searchPath: [String] = []

  /// How it uses a file, as the end of a sentence; `nil`: not as far as can be seen.
  func use(of file: InstalledFile) -> String? {
    if file.identity == identity || file.target == executable { return "which it runs" }
    if arguments.contains(where: { $0.contains(file.target) }) { return "which its arguments name" }
    if files.contains(file.target) { return "which it has open" }
    if let folder = searchPath.first(where: { file.target.hasPrefix("\($0)/") }) {
      return "in '\(folder)', where it looks"
    }
    return nil
  }
}

/// A file of the release, as `unit.current` compares it.
struct InstalledFile: Sendable, Equatable {
  var target: String
  /// Whether it is listed under the unit that is looked at, and a change of it restarts that unit.
  var isOwn = true
  /// What the transaction installed; `nil` where that is not compared.
  var expected: String?
  var identity: FileIdentity
  var sha256: String?
  var executable: Bool
  /// The last change of content, and the last change of content, name or attributes: seconds since 1970.
  var modified: Double
  var changed: Double
}

extension ProcessView {
  /// Whether a process has ended; it may still be there until it is waited for.
  static func hasEnded(_ pid: Int) -> Bool { access("/proc/\(pid)/exe", F_OK) != 0 && errno == ENOENT }

  /// What `/proc` says of a process. Blocks the calling thread briefly.
  static func look(at pid: Int) -> Result<ProcessView, ProbeError> {
    let folder = "/proc/\(pid)"
    var status = stat()
    guard let link = readLink("\(folder)/exe"), stat("\(folder)/exe", &status) == 0,
      let started = started(pid), let arguments = read("\(folder)/cmdline")
    else {
      let code = errno
      return .failure(
        ProbeError("\(folder): \(code == ENOENT ? "the process has ended" : String(cString: strerror(code)))"))
    }
    let mark = deletedMark
    let deleted = status.st_nlink == 0 || link.hasSuffix(mark)
    return .success(
      ProcessView(
        pid: pid, executable: link.hasSuffix(mark) ? String(link.dropLast(mark.count)) : link, deleted: deleted,
        identity: FileIdentity(status),
        arguments: arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }, started: started))
  }

  /// Every process of a control group and of the groups in it, each with the files that it uses. Processes that end
  /// meanwhile are left out. Blocks the calling thread.
  static func look(atGroup group: String, orAt pid: Int?) -> [ProcessView] {
    var pids = processes(inGroup: group)
    if pids.isEmpty, let pid { pids = [pid] }
    return pids.compactMap { pid in
      guard var view = try? look(at: pid).get() else { return nil }
      view.addFiles()
      return view
    }
  }

  /// Where the cgroup file system lies: alone, or beside the old ones.
  private static let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"]
  /// Services with more processes than this are not looked through to the end.
  private static let mostProcesses = 2000

  private static func processes(inGroup group: String) -> [Int] {
    guard group.hasPrefix("/"), group != "/",
      let root = roots.first(where: { access("\($0)\(group)/cgroup.procs", R_OK) == 0 })
    else { return [] }
    var found: [Int] = []
    var folders = [root + group]
    while let folder = folders.popLast(), found.count < mostProcesses {
      let text = read("\(folder)/cgroup.procs").map { String(decoding: $0, as: UTF8.self) } ?? ""
      found += text.split(separator: "\n").compactMap { Int($0) }
      folders += names(in: folder, type: DT_DIR).map { "\(folder)/\($0)" }
    }
    return found
  }

  static func names(in folder: String, type: Int? = nil) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != "..", type == nil || type == Int(entry.pointee.d_type) else { continue }
      names.append(name)
    }
    return names
  }

  private mutating func addFiles() {
    let folder = "/proc/\(pid)"
    let maps = Self.read("\(folder)/maps").map { String(decoding: $0, as: UTF8.self) } ?? ""
    for line in maps.split(separator: "\n") {
      if let slash = line.firstIndex(of: "/") { add(String(line[slash...])) }
    }
    for name in Self.names(in: "\(folder)/fd").prefix(10_000) {
      if let path = Self.readLink("\(folder)/fd/\(name)"), path.hasPrefix("/") { add(path) }
    }
    let variables =
      Self.read("\(folder)/environ")?.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } ?? []
    var folders = variables.flatMap { variable -> [String] in
      let parts = variable.split(separator: "=", maxSplits: 1)
      // trap: counted
      guard parts.count == 2, Self.searchVariables.contains(String(parts[0])) else { return [] }
      // trap: counted
      return parts[1].split(separator: ":").map(String.init)
    }
    if let working = Self.readLink("\(folder)/cwd") { folders.append(working) }
    searchPath = folders.filter { $0.hasPrefix("/") && !Self.common.contains($0) }
  }

  private mutating func add(_ path: String) {
    if path.hasSuffix(Self.deletedMark) {
      deletedFiles.insert(String(path.dropLast(Self.deletedMark.count)))
    } else {
      files.insert(path)
    }
  }

  private static let deletedMark = " (deleted)"
  private static let searchVariables: Set = [
    "PYTHONPATH", "NODE_PATH", "CLASSPATH", "LD_LIBRARY_PATH", "PERL5LIB", "RUBYLIB", "GEM_PATH", "LUA_PATH",
  ]
  /// Folders of so many programs that to look there says nothing of a file in them.
  private static let common: Set = [
    "/", "/bin", "/etc", "/home", "/lib", "/opt", "/root", "/run", "/sbin", "/srv", "/tmp", "/usr", "/usr/bin",
    "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/sbin", "/usr/share", "/var",
    "/var/lib", "/var/log", "/var/tmp",
  ]

  /// When a process started: the kernel counts it in ticks since boot, time asleep included.
  private static func started(_ pid: Int) -> Double? {
    // The name in field 2 may hold spaces and brackets; field 22 is the 20th behind the last bracket.
    guard let text = read("/proc/\(pid)/stat").map({ String(decoding: $0, as: UTF8.self) }),
      let bracket = text.lastIndex(of: ")"),
      let ticks = text[bracket...].split(separator: " ").dropFirst(20).first.flatMap({ Double($0) })
    else { return nil }
    var now = timespec()
    var sinceBoot = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
    return now.seconds - sinceBoot.seconds + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  static func readLink(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(PATH_MAX)) { buffer in
      let count = buffer.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
      }
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  /// The most that is read of one file of `/proc`.
  private static let mostBytes = 8 << 20

  static func read(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 || bytes.count > Self.mostBytes { return bytes }
      bytes += buffer[..<count]
    }
  }
}
