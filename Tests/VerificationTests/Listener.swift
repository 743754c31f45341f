import Basics
import Glibc

@testable import Verification

/// A listening TCP socket on loopback for one test; what it answers, if anything, is given.
final class Listener: Sendable {
  struct Failure: Error { let code: Int32 }

  let port: UInt16
  private let descriptor: Int32

  private init(backlog: Int32 = 16) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
      }
    }
    guard bound, listen(descriptor, backlog) == 0 else {
      let code = errno
      close(descriptor)
      throw Failure(code: code)
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  /// A listener that accepts, since the kernel does, and never says a word.
  static func silent<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (Listener) async throws -> Result
  ) async throws -> Result {
    try await body(try Listener())
  }

  /// A port at which nobody listens.
  static func closedPort() throws -> UInt16 { try Listener().port }

  /// A listener that sends `answer` to one client, in two pieces, after that one has said something, and hangs up.
  static func answering<Result>(
    _ answer: String, isolation: isolated (any Actor)? = #isolation, _ body: (Listener) async throws -> Result
  ) async throws -> Result {
    let listener = try Listener()
    let thread = Task.detached {
      await BlockingThread.run {
        let client = accept(listener.descriptor, nil, nil)
        guard client >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        _ = recv(client, &buffer, buffer.count, 0)
        let bytes = Array(answer.utf8)
        for piece in [bytes.prefix(bytes.count / 2), bytes.dropFirst(bytes.count / 2)] {
          _ = Array(piece).withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
          sched_yield()
        }
        close(client)
      }
    }
    defer { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
    let result = try await body(listener)
    // Wakes an accept to which nobody came.
    shutdown(listener.descriptor, Int32(SHUT_RDWR))
    await thread.value
    return result
  }
}
