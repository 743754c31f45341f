import FoundationEssentials
import Glibc
import Measurement

/// What this machine is, by its own word.
enum Host {
  static func load() -> Double {
    read("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
  }

  static func describe(loadBefore: Double) -> BenchResults.Host {
    BenchResults.Host(
      processor: value("model name", in: "/proc/cpuinfo", ":") ?? "unknown",
      cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      kernel: read("/proc/sys/kernel/osrelease").trimmed,
      system: value("PRETTY_NAME", in: "/etc/os-release", "=") ?? "unknown",
      memoryMiB: value("MemTotal", in: "/proc/meminfo", ":").flatMap { Int($0.prefix { $0.isNumber }) }.map {
        $0 / 1024
      } ?? 0,
      loadBefore: loadBefore, loadAfter: load())
  }

  /// UTC, to the minute.
  static func date() -> String {
    String(Date().formatted(.iso8601).prefix(16)).replacing("T", with: " ") + " UTC"
  }

  /// The commit of the checkout; `+` where it has changes.
  static func commit(_ root: String) -> String {
    guard (try? Timed.run(["git", "-C", root, "describe", "--always", "--dirty=+", "--exclude=*"])) != nil else {
      return "unknown"
    }
    return Timed.said().trimmed
  }

  private static func read(_ path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  private static func value(_ key: String, in path: String, _ separator: Character) -> String? {
    let line = read(path).split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: separator, maxSplits: 1).dropFirst().first.map {
      String($0).trimmed.replacing("\"", with: "")
    }
  }
}

extension String {
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
