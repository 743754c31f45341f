package import Glibc

/// What the kernel says of a process' memory.
package enum ProcessMemory {
  /// The most that it ever had at once, in KB; nil where there is no such process.
  package static func peakKB(of pid: pid_t) -> Int? {
    value("VmHWM:", of: pid)
  }

  /// What it has now, in KB; nil where there is no such process.
  package static func residentKB(of pid: pid_t) -> Int? {
    value("VmRSS:", of: pid)
  }

  private static func value(_ name: String, of pid: pid_t) -> Int? {
    guard let file = fopen("/proc/\(pid)/status", "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
  }
}
