import Glibc
import SystemPackage

/// What can still be seen of a machine from the host.
struct Traces: Equatable, CustomStringConvertible {
  var processes: [String] = []
  var cgroups: [String] = []
  var mounts: [String] = []

  /// Looks for everything of the machines of that name.
  init(of name: String) {
    for number in Self.entries("/proc").compactMap({ Int32($0) }) where number != getpid() {
      let command = Self.text("/proc/\(number)/cmdline")
      let environment = Self.text("/proc/\(number)/environ")
      let group = Self.text("/proc/\(number)/cgroup")
      let isOurs =
        command.contains("--machine=\(name)\0") || environment.contains("REHEARSAL_NAME=\(name)\0")
        || group.contains("qtctl-rehearsal-\(name)-")
      // A zombie has no files of any kind; its parent is about to collect it.
      if isOurs { processes.append("\(number) \(command.replacing("\0", with: " ").prefix(200))") }
    }
    cgroups = Self.groups(under: "/sys/fs/cgroup", depth: 3).filter { $0.contains("/qtctl-rehearsal-\(name)-") }
    mounts = Self.text("/proc/self/mountinfo").split(separator: "\n").map(String.init).filter {
      $0.contains("/run/qtctl-rehearsal")
    }
  }

  var isEmpty: Bool { processes.isEmpty && cgroups.isEmpty && mounts.isEmpty }

  var description: String { (processes + cgroups + mounts).joined(separator: "\n") }

  private static func groups(under path: String, depth: Int) -> [String] {
    guard depth > 0 else { return [] }
    return entries(path).flatMap { name -> [String] in
      let inner = "\(path)/\(name)"
      return [inner] + groups(under: inner, depth: depth - 1)
    }
  }

  private static func entries(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func text(_ path: String) -> String {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return "" }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let outcome: Void? = try? file.closeAfter {
      while case let count = try buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
        bytes += buffer.prefix(count)
      }
    }
    _ = outcome
    return String(decoding: bytes, as: UTF8.self)
  }
}
