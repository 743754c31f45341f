import Glibc
import Synchronization
import TestSupport

/// Where clients come in, and are thrown out when it closes.
final class Door: Sendable {
  private struct State {
    var listener: Int32?
    var visitors: Set<Int32> = []
  }

  struct Failure: Error { let code: Int32 }

  private let path: String
  private let book: SharedBook
  private let slowness: Duration
  private let state = Mutex(State())

  init(_ path: String, book: SharedBook, slowness: Duration) {
    self.path = path
    self.book = book
    self.slowness = slowness
  }

  func open() throws {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // Under another name until it listens: who sees the socket may connect to it at once.
    let hidden = path + "~"
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: hidden.utf8) }
    unlink(hidden)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0, listen(listener, 64) == 0, rename(hidden, path) == 0 else { throw Failure(code: errno) }
    state.withLock { $0.listener = listener }
    Background.run { [self] in accept(listener) }
  }

  /// Nobody comes in any more, and whoever is in is thrown out.
  func shut() {
    state.withLock { state in
      for descriptor in state.visitors { shutdown(descriptor, Int32(SHUT_RDWR)) }
      if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
      state.listener = nil
    }
  }

  private func accept(_ listener: Int32) {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else {
        if errno == EINTR { continue }
        close(listener)
        return
      }
      state.withLock { _ = $0.visitors.insert(descriptor) }
      Background.run { [self] in
        Visit(descriptor: descriptor, book: book, slowness: slowness).serve()
        // Closed under the lock: the number may be another visitor's at once.
        state.withLock {
          $0.visitors.remove(descriptor)
          close(descriptor)
        }
      }
    }
  }
}
