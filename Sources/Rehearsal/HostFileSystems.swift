/// The host's mounts that an overlay of `/` alone does not show.
enum HostFileSystems {
  /// Types whose files are not part of the host's installation: the kernel's, those in memory, and those of other
  /// machines.
  private static let skipped: Set<Substring> = [
    "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
    "fusectl", "hugetlbfs", "mqueue", "nsfs", "overlay", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs",
    "selinuxfs", "squashfs", "sysfs", "tmpfs", "tracefs",
  ]
  /// Folders that a booted machine mounts anew.
  static let anew = ["/dev", "/proc", "/run", "/sys", "/tmp"]

  /// The mount points, outer before inner, of file systems to be copied on write beside `/`.
  ///
  /// `mountinfo` is the text of `/proc/self/mountinfo` as proc(5) describes it.
  static func beside(mountinfo: String) -> [String] {
    var points: [String] = []
    for line in mountinfo.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, dash > 4 else { continue }
      let type = fields[dash + 1]
      let point = unescaped(fields[4])
      let isAnew = anew.contains { point == $0 || point.hasPrefix("\($0)/") }
      // An overlay's options separate folders with these; such a mount point cannot be named in them.
      let isNameable = !point.contains { $0 == ":" || $0 == "," || $0 == "\\" }
      guard point != "/", !isAnew, isNameable, !skipped.contains(type), !type.hasPrefix("fuse.") else { continue }
      if !points.contains(point) { points.append(point) }
    }
    return points
  }

  /// White space and backslashes are written as three octal digits.
  static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      if byte == UInt8(ascii: "\\"), let value = UInt8(digits, radix: 8) {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
