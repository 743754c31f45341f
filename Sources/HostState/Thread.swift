internal import Glibc

/// A detached thread for one blocking call.
package struct Thread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let body: Body

  package init(_ run: @escaping @Sendable () -> Void) { body = Body(run) }

  /// Whether the system gave us the thread.
  package func start() -> Bool {
    let context = Unmanaged.passRetained(body)
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    guard failure == 0 else {
      context.release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
