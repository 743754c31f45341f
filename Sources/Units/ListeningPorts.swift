internal import FileOperations

/// Where the processes of a control group accept connections over TCP, by the kernel's word (proc(5)).
package struct ListeningPorts {
  /// An address that accepts connections.
  package struct Port: Hashable, Comparable {
    /// An address of this host that reaches it; the loopback one where it listens on all.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }

    /// As in a URL.
    package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package static func < (left: Port, right: Port) -> Bool { (left.port, left.host) < (right.port, right.host) }
  }

  private let proc: String
  private let bySocket: [String: Port]

  /// - Parameter proc: where procfs is mounted.
  package init(proc: String = "/proc") {
    self.proc = proc
    var found: [String: Port] = [:]
    for (file, isSix) in [("/net/tcp", false), ("/net/tcp6", true)] {
      let text = (try? Files.read(proc + file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      for (inode, port) in Self.ports(text, isSix: isSix) { found["socket:[\(inode)]"] = port }
    }
    bySocket = found
  }

  /// - Parameter group: as systemd names it, such as `/system.slice/a.service`.
  package func ports(group: String) -> [Port] {
    let found = ProcessPaths().processes(group: group).flatMap { pid -> [Port] in
      let folder = "\(proc)/\(pid)/fd/"
      return ((try? Files.names(in: folder)) ?? []).compactMap { name in
        Paths.link(folder + name).flatMap { bySocket[$0] }
      }
    }
    return Set(found).sorted()
  }

  /// The listening sockets of a `/proc/net/tcp` or `tcp6`, by inode.
  static func ports(_ text: String, isSix: Bool) -> [(String, Port)] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      // trap: counted
      guard fields.count > 9, fields[3] == "0A" else { return nil }
      let parts = fields[1].split(separator: ":")  // trap: counted
      guard parts.count == 2, let host = parts.first.flatMap({ Self.host($0, isSix: isSix) }),
        let port = parts.last.flatMap({ UInt16($0, radix: 16) })
      else { return nil }
      return (String(fields[9]), Port(host: host, port: port))  // trap: counted
    }
  }

  /// The kernel writes each four bytes as a number of this machine, which has the least significant byte first.
  private static func host(_ digits: Substring, isSix: Bool) -> String? {
    let characters = Array(digits)
    let bytes = stride(from: 0, to: characters.count - 1, by: 2).compactMap {
      UInt8(String(characters[$0...($0 + 1)]), radix: 16)  // trap: the stride ends before the last
    }
    guard bytes.count == (isSix ? 16 : 4) else { return nil }
    let ordered = stride(from: 0, to: bytes.count, by: 4).flatMap { bytes[$0..<($0 + 4)].reversed() }
    if ordered.allSatisfy({ $0 == 0 }) { return isSix ? "::1" : "127.0.0.1" }
    guard isSix else { return ordered.map(String.init).joined(separator: ".") }
    if ordered.dropLast().allSatisfy({ $0 == 0 }), ordered.last == 1 { return "::1" }
    if ordered.prefix(10).allSatisfy({ $0 == 0 }), ordered[10] == 255, ordered[11] == 255 {  // trap: there are 16
      return ordered.suffix(4).map(String.init).joined(separator: ".")
    }
    return stride(from: 0, to: 16, by: 2).map { String(UInt16(ordered[$0]) << 8 | UInt16(ordered[$0 + 1]), radix: 16) }
      .joined(separator: ":")
  }
}
