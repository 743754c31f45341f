internal import Glibc
internal import SystemPackage

/// Where systemd-nspawn reports the progress of a boot, in the protocol of sd_notify(3).
struct NotifySocket: Sendable {
  let descriptor: OwnedDescriptor

  /// Binds a new socket. The path's folder decides who can write to it.
  init(path: String) throws(MachineError) {
    let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw .system(call: "socket", subject: path, reason: "\(Errno(rawValue: errno))") }
    descriptor = OwnedDescriptor(FileDescriptor(rawValue: number))

    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < capacity else { throw .system(call: "bind", subject: path, reason: "the path is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw .system(call: "bind", subject: path, reason: "\(Errno(rawValue: errno))") }
  }

  /// Whether messages are kept until they are received, or dropped. systemd reports every job for as long as the machine
  /// runs, and a full socket would block systemd-nspawn and then the machine's PID 1.
  ///
  /// Source: `unix_dgram_sendmsg` of Linux tosses what the receiver's filter refuses, without an error to the sender.
  func keepMessages(_ keep: Bool) throws(MachineError) {
    // One instruction, BPF_RET with 0: keep no byte.
    var code = ClassicFilter(code: 0x06)
    let status = withUnsafeMutablePointer(to: &code) {
      var program = ClassicProgram(count: 1, code: $0)
      let size = socklen_t(MemoryLayout<ClassicProgram>.size)
      return setsockopt(descriptor.rawValue, SOL_SOCKET, keep ? SO_DETACH_FILTER : SO_ATTACH_FILTER, &program, size)
    }
    // ENOENT: there was no filter to take away.
    guard status == 0 || keep && errno == ENOENT else {
      throw .system(call: "setsockopt", subject: "the notify socket", reason: "\(Errno(rawValue: errno))")
    }
  }

  /// `struct sock_filter` of `<linux/filter.h>`.
  private struct ClassicFilter {
    var code: UInt16
    var whereTrue: UInt8 = 0
    var whereFalse: UInt8 = 0
    var value: UInt32 = 0
  }

  /// `struct sock_fprog` of `<linux/filter.h>`.
  private struct ClassicProgram {
    var count: UInt16
    var code: UnsafeMutablePointer<ClassicFilter>
  }

  /// The assignments of the message that waits, empty if none does.
  func receive() -> [Substring: Substring] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor.rawValue, &buffer, buffer.count, CInt(MSG_DONTWAIT))
    guard count > 0 else { return [:] }
    let text = String(decoding: buffer.prefix(count), as: UTF8.self)
    let pairs = text.split(separator: "\n").compactMap { line -> (Substring, Substring)? in
      guard let sign = line.firstIndex(of: "=") else { return nil }
      return (line[..<sign], line[line.index(after: sign)...])
    }
    return Dictionary(pairs) { _, last in last }
  }
}
