import Glibc
import Synchronization

/// Asks services for an answer all the time, and knows how long they have not answered.
final class Outage: Sendable {
  private struct Watch {
    var lastAnswer = ContinuousClock.now
    var longest = Duration.zero
  }

  private let watch = Mutex(Watch())
  private let isOver = Atomic(false)
  private let ports: [UInt16]

  private init(_ ports: [UInt16]) { self.ports = ports }

  /// Milliseconds of the longest time in `body` in which not all services answered: from the last answer of all to the
  /// first one after.
  static func during(_ ports: [UInt16], _ body: () throws -> Void) throws -> Double {
    let outage = Outage(ports)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(outage)
    pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<Outage>.fromOpaque(raw).takeRetainedValue().look() }
        return nil
      }, context.toOpaque())
    usleep(20_000)
    let result = Result { try body() }
    // What is down at the end comes back, or this would be too short.
    usleep(5000)
    outage.isOver.store(true, ordering: .releasing)
    pthread_join(thread, nil)
    try result.get()
    return outage.watch.withLock { $0.longest / .milliseconds(1) }
  }

  private func look() {
    let limit = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < limit {
      let isLast = isOver.load(ordering: .acquiring)
      if ports.allSatisfy(Self.answers) {
        watch.withLock { watch in
          let now = ContinuousClock.now
          watch.longest = max(watch.longest, now - watch.lastAnswer)
          watch.lastAnswer = now
        }
        if isLast { return }
      }
      usleep(300)
    }
  }

  /// Whether the service at the port of this machine answers a request.
  private static func answers(_ port: UInt16) -> Bool {
    let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard line >= 0 else { return false }
    defer { close(line) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return false }
    let request = Array("GET / HTTP/1.0\r\n\r\n".utf8)
    guard send(line, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
    var answer = [UInt8](repeating: 0, count: 64)
    return recv(line, &answer, answer.count, 0) > 0
  }
}
