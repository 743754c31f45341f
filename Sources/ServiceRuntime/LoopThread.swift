internal import Glibc

/// A thread of its own for a loop that blocks, which the threads of Swift's tasks must not do.
enum LoopThread {
  /// Runs `body` on a new thread and returns, or throws, what it does.
  static func run(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let work = Unmanaged.passRetained(Work { continuation.resume(with: Result(catching: body)) })
      var thread = pthread_t()
      let status = pthread_create(&thread, nil, Self.enter, work.toOpaque())
      guard status == 0 else {
        work.release()
        continuation.resume(throwing: LoopThreadError(code: status))
        return
      }
      pthread_detach(thread)
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
    guard let argument else { return nil }
    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }
}

/// No thread could be made.
struct LoopThreadError: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "cannot make a thread: \(String(cString: strerror(code)))" }
}
