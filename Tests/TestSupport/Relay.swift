internal import Glibc
internal import Synchronization

/// Stands between a client and the socket of a server, and tells of each request that goes through, so that a test can
/// do something before the server has it, or when it has answered and the client does not know.
package final class Relay: Sendable {
  package enum Passage: Sendable {
    /// The server does not have the request yet.
    case before
    /// The server has answered, and the client does not have the answer.
    case answered
  }

  package struct Failure: Error { let code: Int32 }

  private let target: String
  private let listener: Int32
  private let observe: @Sendable (Passage) -> Void
  private let change: @Sendable ([UInt8]) -> [UInt8]

  package convenience init(
    at path: String, to target: String, observe: @escaping @Sendable (Passage) -> Void
  ) throws {
    try self.init(at: path, to: target, observe: observe, change: { $0 })
  }

  /// - Parameters:
  ///   - observe: Called on a thread of the relay's, which waits for its return.
  ///   - change: What the client is sent in place of what the server sent.
  package init(
    at path: String, to target: String, observe: @escaping @Sendable (Passage) -> Void = { _ in },
    change: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) throws {
    self.target = target
    self.observe = observe
    self.change = change
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let status = Self.withAddress(path) { bind(listener, $0, $1) }
    guard listener >= 0, status == 0, listen(listener, 16) == 0 else { throw Failure(code: errno) }
    Background.run { [listener, target, observe, change] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        Background.run { Self.relay(client, to: target, observe, change) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func relay(
    _ client: Int32, to target: String, _ observe: (Passage) -> Void, _ change: ([UInt8]) -> [UInt8]
  ) {
    defer { close(client) }
    let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(server) }
    guard withAddress(target, { connect(server, $0, $1) }) == 0 else { return }
    var isAsked = false
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var entries = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&entries, 2, -1) > 0 else { return }
      if entries[0].revents != 0 {
        let count = recv(client, &chunk, chunk.count, 0)
        guard count > 0 else { return }
        observe(.before)
        isAsked = true
        guard send(server, chunk, count, Int32(MSG_NOSIGNAL)) == count else { return }
      }
      if entries[1].revents != 0 {
        let count = recv(server, &chunk, chunk.count, 0)
        guard count > 0 else { return }
        if isAsked { observe(.answered) }
        isAsked = false
        let answer = change(Array(chunk.prefix(count)))
        guard send(client, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else { return }
      }
    }
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}
