internal import Glibc
internal import Synchronization

/// Runs blocking calls outside of Swift's own pool, which has no more threads than the machine has cores: one call that
/// hangs must not hold up everything else.
package enum BlockingThread {
  /// Starts `body` on a thread of its own and does not wait for it.
  ///
  /// - Returns: false when the system has no thread left; `body` does not run then.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { work in
        if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard failure == 0 else {
      work.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  /// What `body` returns or throws. When the system has no thread left, `body` runs on the caller's.
  package static func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
      let work: @Sendable () -> Void = {
        do throws(Failure) {
          continuation.resume(returning: .success(try body()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
      if !start(work) { work() }
    }
    return try result.get()
  }

  /// What `body` returns, or nil when that takes longer than `limit`. The thread is left to itself then: a call that
  /// hangs in the kernel or in name resolution cannot be ended.
  package static func run<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () -> Value
  ) async -> Value? {
    await TimeLimit.value(within: limit) { await run(body) }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// Waits for asynchronous work no longer than it may take.
package enum TimeLimit {
  /// What `work` returns, or nil when that takes longer than `limit`. The work is not cancelled.
  package static func value<Value: Sendable>(
    within limit: Duration, of work: @escaping @Sendable () async -> Value
  ) async -> Value? {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
      let first = FirstResult(continuation)
      let timer = Task {
        try? await Task.sleep(for: limit)
        first.resume(nil)
      }
      Task {
        first.resume(await work())
        timer.cancel()
      }
    }
  }

  /// Resumes a continuation with the first value that it is given.
  private final class FirstResult<Value: Sendable>: Sendable {
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
}
