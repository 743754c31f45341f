internal import Basics
internal import Glibc

/// A host and a port, from the text of a manifest.
struct Address: Sendable, Equatable {
  var host: String
  var port: UInt16

  /// Reads `host:port` or `[ipv6]:port`; the port may be absent where there is a default.
  init?(_ text: some StringProtocol, defaultPort: UInt16? = nil) {
    let host: Substring
    let rest: Substring
    let text = Substring(text)
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
    } else {
      let end = text.firstIndex(of: ":") ?? text.endIndex
      host = text[..<end]
      rest = text[end...]
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    if rest.isEmpty, let defaultPort {
      port = defaultPort
    } else {
      guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 else { return nil }
      port = number
    }
  }
}

/// A TCP connection whose every step ends by a deadline. Not for concurrent use.
final class Socket {
  private let descriptor: Int32
  private let deadline: ContinuousClock.Instant

  /// Connects to the first of the host's addresses that accepts. Name resolution has no deadline of its own.
  init(host: String, port: UInt16, deadline: ContinuousClock.Instant) throws(ProbeError) {
    self.deadline = deadline
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    guard status == 0 else {
      throw ProbeError("the name '\(host)' is not known: \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(list) }
    var reason = "it has no address"
    var next = list
    while let address = next {
      next = address.pointee.ai_next
      switch Self.connect(address.pointee, deadline) {
      case .success(let descriptor):
        self.descriptor = descriptor
        return
      case .failure(let error): reason = error.description
      }
    }
    throw ProbeError(reason)
  }

  deinit { close(descriptor) }

  private static func connect(
    _ address: addrinfo, _ deadline: ContinuousClock.Instant
  ) -> Result<Int32, ProbeError> {
    let descriptor = socket(
      address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return .failure(ProbeError(text(errno))) }
    var code: Int32 = 0
    if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
      code = errno
      if code == EINPROGRESS {
        code = ETIMEDOUT
        var size = socklen_t(MemoryLayout<Int32>.size)
        if ready(descriptor, POLLOUT, deadline) { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) }
      }
    }
    guard code == 0 else {
      close(descriptor)
      return .failure(ProbeError(code == ETIMEDOUT ? "no answer in time" : text(code)))
    }
    return .success(descriptor)
  }

  func write(_ bytes: [UInt8]) throws(ProbeError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        guard Self.ready(descriptor, POLLOUT, deadline) else { throw ProbeError("it does not accept data") }
      } else if errno != EINTR {
        throw ProbeError(Self.text(errno))
      }
    }
  }

  /// The next bytes; empty at the end.
  func read() throws(ProbeError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count >= 0 { return Array(buffer[..<count]) }
      if errno == EAGAIN {
        guard Self.ready(descriptor, POLLIN, deadline) else {
          throw ProbeError("it accepted, but did not answer in time")
        }
      } else if errno != EINTR {
        throw ProbeError(Self.text(errno))
      }
    }
  }

  private static func ready(_ descriptor: Int32, _ events: Int32, _ deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return false }
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let count = poll(&entry, 1, Int32(clamping: Int(left.inSeconds * 1000) + 1))
      if count > 0 { return true }
      if count < 0, errno != EINTR { return false }
    }
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
