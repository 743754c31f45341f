internal import Glibc

/// One connection to a venue over a unix socket: a question is a line, and so is its answer, which begins with the
/// question's number. Answers to other questions are passed over, since a venue may answer late, or twice.
///
/// Any failure closes it; whether the venue has taken the question is not known then.
final class VenueConnection {
  private let timeout: Duration
  private var descriptor: Int32
  private var questions = 0
  private var received: [UInt8] = []

  init(to path: String, timeout: Duration) throws(ExchangeError) {
    self.timeout = timeout
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < capacity else { throw ExchangeError("the socket's path '\(path)' is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw Self.error("no socket for '\(path)'") }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      let error = Self.error("cannot connect to '\(path)'")
      close()
      throw error
    }
  }

  deinit {
    close()
  }

  var isOpen: Bool { descriptor >= 0 }

  /// The words of the answer, without its number.
  func ask(_ question: String) throws(ExchangeError) -> [Substring] {
    questions += 1
    let end = ContinuousClock.now + timeout
    do {
      try send(Array("\(questions) \(question)\n".utf8), until: end)
      while true {
        let words = try line(until: end).split(separator: " ")
        if words.first == Substring(String(questions)) { return Array(words.dropFirst()) }
      }
    } catch {
      close()
      throw error
    }
  }

  private func send(_ bytes: [UInt8], until end: ContinuousClock.Instant) throws(ExchangeError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        try wait(for: POLLOUT, until: end)
      } else if errno != EINTR {
        throw Self.error("the connection broke")
      }
    }
  }

  private func line(until end: ContinuousClock.Instant) throws(ExchangeError) -> String {
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      if let newline = received.firstIndex(of: UInt8(ascii: "\n")) {
        defer { received.removeFirst(newline + 1) }
        return String(decoding: received[..<newline], as: UTF8.self)
      }
      guard received.count < 1 << 16 else { throw ExchangeError("an answer is longer than 64 KiB") }
      try wait(for: POLLIN, until: end)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 {
        received += chunk.prefix(count)
      } else if count == 0 {
        throw ExchangeError("the connection was closed")
      } else if errno != EAGAIN, errno != EINTR {
        throw Self.error("the connection broke")
      }
    }
  }

  private func wait(for event: Int32, until end: ContinuousClock.Instant) throws(ExchangeError) {
    while true {
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { throw ExchangeError("nothing came within \(timeout)") }
      var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
      if poll(&entry, 1, Int32(clamping: milliseconds)) > 0 { return }
    }
  }

  private func close() {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
  }

  private static func error(_ what: String) -> ExchangeError {
    ExchangeError("\(what): \(String(cString: strerror(errno)))")
  }
}
