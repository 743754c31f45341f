internal import Dispatch
internal import Synchronization

/// Runs what blocks outside of Swift's own pool, which has no more threads than the machine has cores: one check that
/// hangs must not hold up the others.
enum BlockingThread {
  /// The value of `body`, which gets a thread of its own.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      // A serial queue of its own is given a thread at once, unlike the shared concurrent ones.
      DispatchQueue(label: "qtctl.check").async { continuation.resume(returning: body()) }
    }
  }

  /// As above, but `nil` when `body` has not come back in time. Its thread is left to itself then: a call that hangs
  /// in the kernel or in name resolution cannot be ended.
  static func run<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () -> Value
  ) async -> Value? {
    await Deadline.first(within: limit) { await run(body) }
  }
}

/// Waits for work without being held by it.
enum Deadline {
  /// The value of `work`, or `nil` when it has not come in time; the work is then left to itself.
  static func first<Value: Sendable>(
    within limit: Duration, _ work: @escaping @Sendable () async -> Value
  ) async -> Value? {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
      let once = Once(continuation)
      let timer = Task {
        try? await Task.sleep(for: limit)
        once.resume(nil)
      }
      Task {
        once.resume(await work())
        timer.cancel()
      }
    }
  }
}

/// Resumes a continuation with the first value that it is given.
final class Once<Value: Sendable>: Sendable {
  private let waiting: Mutex<CheckedContinuation<Value, Never>?>

  init(_ continuation: CheckedContinuation<Value, Never>) { waiting = Mutex(continuation) }

  func resume(_ value: Value) {
    let continuation = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    continuation?.resume(returning: value)
  }
}
