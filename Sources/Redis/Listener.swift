internal import Glibc

/// Who listens at the other end of a connection that stays on this machine.
///
/// Any user may listen on a port above 1023 while Redis is down, and would be told the password.
package struct Listener: Sendable, Hashable {
  /// The user's number; `nil`: nobody listens there any more.
  package var user: UInt32?
  /// Of the listening socket (proc(5), `/proc/net/tcp`), by which its process can be found; `nil` for a unix socket.
  package var inode: UInt64?

  package init(user: UInt32?, inode: UInt64? = nil) {
    self.user = user
    self.inode = inode
  }
}

/// Decides which users of this machine may be sent a password.
package protocol ListenerTrust: Sendable {
  /// Whether a password may be sent to the process that listens there.
  func trusts(_ listener: Listener) -> Bool
}

extension Listener {
  /// All who listen where the socket leads; empty where that is another machine.
  ///
  /// - Parameter socket: connected.
  static func all(behind socket: Int32) -> [Listener] {
    guard let near = SocketAddress(socket, getsockname), let far = SocketAddress(socket, getpeername) else { return [] }
    guard far.family != sa_family_t(AF_UNIX) else { return [Listener(user: peer(of: socket))] }
    guard far.isLoopback || far.host == near.host else { return [] }
    let rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap(Self.rows)
    // Who has accepted this very connection; not yet, where it has no inode.
    let accepted = rows.filter { $0.local == far.text && $0.remote == near.text && $0.inode != 0 }
    let listening = rows.filter { $0.state == listenState && far.isServed(by: $0.local) }
    let found = (accepted + listening).map { Listener(user: $0.user, inode: $0.inode) }
    return listening.isEmpty ? found + [Listener(user: nil)] : found
  }

  /// Who called listen(2) on the unix socket (unix(7), SO_PEERCRED).
  private static func peer(of socket: Int32) -> UInt32? {
    // struct ucred: the numbers of process, user and group.
    var credentials: [UInt32] = [0, 0, 0]
    var size = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
    // trap: counted above
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials[1] : nil
  }

  private static let listenState = "0A"

  /// A line of `/proc/net/tcp` (proc(5)).
  private struct Row {
    var local: String
    var remote: String
    var state: String
    var user: UInt32
    var inode: UInt64

    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard fields.count > 9, let user = UInt32(fields[7]), let inode = UInt64(fields[9]) else { return nil }
      // trap: counted above
      (local, remote, state) = (String(fields[1]), String(fields[2]), String(fields[3]))
      (self.user, self.inode) = (user, inode)
    }
  }

  private static func rows(of path: String) -> [Row] {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var rows: [Row] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line {
      if let row = Row(String(cString: text)[...]) { rows.append(row) }
    }
    return rows
  }
}

/// An address as `/proc/net/tcp` writes it: each four bytes as a number of this machine, in hexadecimal digits.
private struct SocketAddress {
  var family: sa_family_t
  /// Of 8 digits, or of 32 for version 6; empty for a unix socket.
  var host = ""
  var port = ""

  var text: String { "\(host):\(port)" }

  init?(_ socket: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32) {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(socket, $0, &size) }
    }
    guard status == 0 else { return nil }
    family = storage.ss_family
    withUnsafeBytes(of: &storage) { bytes in
      switch Int32(family) {
      case AF_INET:
        let address = bytes.loadUnaligned(as: sockaddr_in.self)
        host = Self.digits(address.sin_addr.s_addr, width: 8)
        port = Self.digits(UInt32(UInt16(bigEndian: address.sin_port)), width: 4)
      case AF_INET6:
        let address = bytes.loadUnaligned(as: sockaddr_in6.self)
        host = withUnsafeBytes(of: address.sin6_addr) { words in
          (0..<4).map { Self.digits(words.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self), width: 8) }.joined()
        }
        port = Self.digits(UInt32(UInt16(bigEndian: address.sin6_port)), width: 4)
      default: break
      }
    }
  }

  private static func digits(_ number: UInt32, width: Int) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static let mapped = digits(0, width: 16) + digits(UInt32(bigEndian: 0x0000_FFFF), width: 8)
  private static let loopback = digits(0, width: 24) + digits(UInt32(bigEndian: 1), width: 8)
  private static let anyHosts = [digits(0, width: 8), digits(0, width: 32)]

  /// The version 4 address in it, where there is one.
  private var version4: Substring? { host.count == 8 ? host[...] : host.hasPrefix(Self.mapped) ? host.suffix(8) : nil }

  var isLoopback: Bool {
    if let version4, let number = UInt32(version4, radix: 16) { return UInt32(bigEndian: number) >> 24 == 127 }
    return host == Self.loopback
  }

  /// Whether a socket that listens at the address takes connections to this one.
  func isServed(by address: String) -> Bool {
    let parts = address.split(separator: ":")
    // trap: counted above
    guard parts.count == 2, parts[1] == port else { return false }
    let hosts = [host] + (version4.map { [String($0), Self.mapped + $0] } ?? []) + Self.anyHosts
    // trap: counted above
    return hosts.contains(String(parts[0]))
  }
}
