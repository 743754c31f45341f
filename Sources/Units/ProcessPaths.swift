internal import Deployment
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// What the processes of a control group use now, by the kernel's word (proc(5)): their program, working directory,
/// arguments, open and mapped files. Processes come and go: what cannot be read is passed over.
package struct ProcessPaths {
  package struct Use: Hashable {
    package var path: String
    /// Such as `which its process 123 has open`.
    package var how: String
    /// Whether it is a folder in which the process may look for files.
    package var isFolder: Bool
    /// Whether it is a file that was there and is no more.
    package var isDeleted = false
    /// Whether the process executes it, or has it mapped.
    package var isMapped = false
  }

  private let proc: String
  private let groups: String

  /// - Parameters:
  ///   - proc: where procfs is mounted.
  ///   - groups: where the control groups are.
  package init(proc: String = "/proc", groups: String = "/sys/fs/cgroup") {
    self.proc = proc
    self.groups = groups
  }

  /// - Parameter group: as systemd names it, such as `/system.slice/a.service`.
  package func uses(group: String) -> [Use] { members(of: root + group).flatMap(uses) }

  /// The processes of a group and of the groups below it.
  package func processes(group: String) -> [Int32] { members(of: root + group) }

  /// Where systemd keeps its groups: version 2, or beside version 1.
  private var root: String {
    [groups, groups + "/unified", groups + "/systemd"].first { Files.exists($0 + "/cgroup.procs") } ?? groups
  }

  /// Those of the group and of the groups below it.
  private func members(of folder: String) -> [Int32] {
    let own = text(folder + "/cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
    let below = ((try? Files.names(in: folder)) ?? []).map { folder + "/" + $0 }
      .filter { (try? FileState.peek($0).type) == .directory }
    return own + below.flatMap(members)
  }

  private func uses(of pid: Int32) -> [Use] {
    let folder = "\(proc)/\(pid)"
    var uses: [Use] = []
    func add(_ path: String?, _ how: String, isFolder: Bool = false, isMapped: Bool = false) {
      guard var path, path.hasPrefix("/") else { return }
      let isDeleted = path.hasSuffix(Self.deleted)
      if isDeleted { path.removeLast(Self.deleted.count) }
      uses.append(
        Use(path: path, how: how, isFolder: isFolder, isDeleted: isDeleted && !isFolder, isMapped: isMapped))
    }
    add(Paths.link(folder + "/exe"), "which its process \(pid) runs", isMapped: true)
    let working = Paths.link(folder + "/cwd")
    add(working, "in the working directory of its process \(pid)", isFolder: true)
    let arguments = text(folder + "/cmdline").split(separator: "\0").dropFirst().map(String.init)
    for path in arguments.flatMap(PathWords.paths) { add(path, "which its process \(pid) names in its arguments") }
    if let working {
      for word in arguments where !word.hasPrefix("-") && !word.hasPrefix("/") {
        let path = Paths.resolve(word, in: working)
        if Files.exists(path) { add(path, "which its process \(pid) names in its arguments") }
      }
    }
    for name in (try? Files.names(in: folder + "/fd")) ?? [] {
      add(Paths.link(folder + "/fd/" + name), "which its process \(pid) has open")
    }
    for path in Self.mapped(text(folder + "/maps")) { add(path, "which its process \(pid) has mapped", isMapped: true) }
    return uses
  }

  /// The files in `/proc/PID/maps`: the sixth column, in which a line end is written as `\012`.
  package static func mapped(_ text: String) -> Set<String> {
    // By bytes: a host with a hundred services has ten thousand such lines, most of them for the file of the one before.
    var found: Set<String> = []
    var before: Substring.UTF8View?
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
      let path = line[slash...]
      if let before, path.elementsEqual(before) { continue }
      before = path
      let name = String(Substring(path))
      found.insert(path.contains(UInt8(ascii: "\\")) ? name.replacing("\\012", with: "\n") : name)
    }
    return found
  }

  private static let deleted = " (deleted)"

  private func text(_ path: String) -> String {
    // procfs gives no size: it is read to its end.
    (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
