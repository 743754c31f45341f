internal import Synchronization

/// The time over which everything has to hold. It begins with the verification, and ends early when something failed:
/// watching on would not change that.
final class Window: Sendable {
  let length: Duration
  private let start = ContinuousClock.now
  private let reason = Mutex<String?>(nil)

  init(length: Duration) { self.length = length }

  /// Ends the window; the first reason stands.
  func end(because why: String) {
    reason.withLock { reason in
      if reason == nil { reason = why }
    }
  }

  /// Why it was ended early.
  var endedBecause: String? { reason.withLock { $0 } }

  var elapsed: Duration { start.duration(to: .now) }
  var isOver: Bool { endedBecause != nil || elapsed >= length }

  /// Sleeps no longer than `time` and no longer than the window lasts.
  func sleep(for time: Duration) async {
    let step = Duration.milliseconds(20)
    let end = min(elapsed + time, length)
    while endedBecause == nil, elapsed < end {
      // A sleep is only cut short by cancellation, which ends the caller too.
      do { try await Task.sleep(for: min(step, end - elapsed)) } catch { return }
    }
  }

  func sleepToEnd() async { await sleep(for: length) }
}
