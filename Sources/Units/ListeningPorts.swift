internal import FileOperations

/// Where the processes of a control group accept connections over TCP, and to whom they are connected, by the kernel's
/// word (proc(5)).
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

  /// A connection that is open.
  package struct Connection: Hashable, Comparable {
    package var local: Port
    package var remote: Port

    package init(local: Port, remote: Port) {
      self.local = local
      self.remote = remote
    }

    package static func < (left: Connection, right: Connection) -> Bool {
      (left.remote, left.local) < (right.remote, right.local)
    }
  }

  private let proc: String
  private let bySocket: [String: Port]
  private let connected: [String: Connection]

  /// - Parameter proc: where procfs is mounted.
  package init(proc: String = "/proc") {
    self.proc = proc
    var found: [String: Port] = [:]
    var connected: [String: Connection] = [:]
    for (file, isSix) in [("/net/tcp", false), ("/net/tcp6", true)] {
      let text = (try? Files.read(proc + file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      for socket in Self.sockets(text, isSix: isSix) {
        switch socket.state {
        case .listening: found["socket:[\(socket.inode)]"] = socket.local
        case .established:
          connected["socket:[\(socket.inode)]"] = Connection(local: socket.local, remote: socket.remote)
        }
      }
    }
    bySocket = found
    self.connected = connected
  }

  /// - Parameter group: as systemd names it, such as `/system.slice/a.service`.
  package func ports(group: String) -> [Port] { sockets(of: group, bySocket) }

  /// - Parameter group: as systemd names it, such as `/system.slice/a.service`.
  package func connections(group: String) -> [Connection] { sockets(of: group, connected) }

  private func sockets<Value: Hashable & Comparable>(of group: String, _ known: [String: Value]) -> [Value] {
    let found = ProcessPaths().processes(group: group).flatMap { pid -> [Value] in
      let folder = "\(proc)/\(pid)/fd/"
      return ((try? Files.names(in: folder)) ?? []).compactMap { name in
        Paths.link(folder + name).flatMap { known[$0] }
      }
    }
    return Set(found).sorted()
  }

  /// A line of `/proc/net/tcp` that counts here.
  struct Socket: Equatable {
    /// As the kernel writes it (include/net/tcp_states.h).
    enum State: String { case established = "01", listening = "0A" }

    var state: State
    var inode: String
    var local: Port
    var remote: Port
  }

  /// The sockets of a `/proc/net/tcp` or `tcp6`.
  static func sockets(_ text: String, isSix: Bool) -> [Socket] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count > 9, let state = Socket.State(rawValue: String(fields[3])),  // trap: counted
        let local = port(fields[1], isSix: isSix), let remote = port(fields[2], isSix: isSix)  // trap: counted
      else { return nil }
      return Socket(state: state, inode: String(fields[9]), local: local, remote: remote)  // trap: counted
    }
  }

  /// Such as `0100007F:18EB`.
  private static func port(_ text: Substring, isSix: Bool) -> Port? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let host = parts.first.flatMap({ Self.host($0, isSix: isSix) }),
      let port = parts.last.flatMap({ UInt16($0, radix: 16) })
    else { return nil }
    return Port(host: host, port: port)
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
