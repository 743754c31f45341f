extension Machine {
  /// What kind of machine to boot.
  package struct Configuration: Sendable {
    /// The network that the machine sees.
    package enum Network: String, Sendable {
      /// A loopback of its own and nothing else: nothing in the machine can reach the host or the world.
      case isolated
      /// The host's own network.
      case host
    }

    /// The machine's host name: 1 to 40 of `a-z`, `0-9` and inner `-`. Machines of the same name do not disturb each
    /// other.
    package var name: String
    /// The units that the boot starts and waits for, by full name.
    package var units: [String]
    /// The bytes that the machine may write to its copy of the host's files. Taken from memory as they are written.
    package var memory: Int
    /// The network that the machine sees.
    package var network: Network
    /// Host folders, by absolute path, that the machine sees under the same path, read-only, as they are on the host.
    /// For what the machine would not see by itself: `/tmp` in it is its own. Not under `/run`.
    package var shown: [String]
    /// How long one boot may take until every unit is up.
    package var bootDeadline: Duration

    package init(
      name: String = "rehearsal", units: [String] = ["dbus.service", "redis-server.service"], memory: Int = 2 << 30,
      network: Network = .isolated, shown: [String] = [], bootDeadline: Duration = .seconds(60)
    ) {
      self.name = name
      self.units = units
      self.memory = memory
      self.network = network
      self.shown = shown
      self.bootDeadline = bootDeadline
    }

    func validate() throws(MachineError) {
      let allowed = name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
      guard (1...40).contains(name.utf8.count), allowed, !name.hasPrefix("-"), !name.hasSuffix("-") else {
        throw .invalidName(name)
      }
    }
  }
}

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
