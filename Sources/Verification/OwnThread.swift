internal import Dispatch

/// Runs what blocks outside of Swift's own pool, which has no more threads than the machine has cores: one check that
/// hangs must not hold up the others.
enum OwnThread {
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
