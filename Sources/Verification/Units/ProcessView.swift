internal import Glibc

/// What the kernel says of a unit's main process.
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
}

/// A file of the release, as `unit.current` compares it.
struct InstalledFile: Sendable, Equatable {
  var target: String
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
    let mark = " (deleted)"
    let deleted = status.st_nlink == 0 || link.hasSuffix(mark)
    return .success(
      ProcessView(
        pid: pid, executable: link.hasSuffix(mark) ? String(link.dropLast(mark.count)) : link, deleted: deleted,
        identity: FileIdentity(status),
        arguments: arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }, started: started))
  }

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

  private static func readLink(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(PATH_MAX)) { buffer in
      let count = buffer.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
      }
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  private static func read(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}
