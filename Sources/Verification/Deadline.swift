internal import Synchronization

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
