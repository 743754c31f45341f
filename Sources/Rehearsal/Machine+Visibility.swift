extension Machine {
  /// Whether a machine has its own copy of what lies at this path of the host. Where it has not, the folder can be shown
  /// in it (`Configuration.shown`).
  ///
  /// - Parameter path: absolute and without symlinks.
  package static func copies(_ path: String) throws -> Bool {
    HostFileSystems.copies(path, mountinfo: try hostFile("/proc/self/mountinfo"))
  }

  /// What the host could give without swapping, in bytes (`MemAvailable` of proc(5)); `nil`: the kernel does not say it.
  package static func freeMemory() throws -> Int? {
    let line = try hostFile("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return kibibytes.map { $0 < Int.max >> 10 ? max(0, $0) << 10 : Int.max }
  }
}

extension HostFileSystems {
  /// Whether the file system that a path lies on is copied on write: the one of `/`, or one beside it.
  static func copies(_ path: String, mountinfo: String) -> Bool {
    let copied = Set(beside(mountinfo: mountinfo) + ["/"])
    let points = mountinfo.split(separator: "\n").compactMap { line -> String? in
      let fields = line.split(separator: " ", maxSplits: 5)
      return fields.count > 5 ? unescaped(fields[4]) : nil
    }
    let holding = points.filter { $0 == "/" || path == $0 || path.hasPrefix("\($0)/") }
    guard let nearest = holding.max(by: { $0.count < $1.count }) else { return false }
    return copied.contains(nearest) && !anew.contains { path == $0 || path.hasPrefix("\($0)/") }
  }
}
