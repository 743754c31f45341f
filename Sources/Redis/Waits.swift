internal import CHiredis

/// How long to wait before each further attempt: doubling from `first` to `most`, each wait shortened at random by up
/// to `jitter` of itself, so that many clients of one server do not come back in step.
public struct Backoff: Sendable, Hashable {
  public let first: Duration
  public let most: Duration
  /// Between 0 (none) and 1.
  public let jitter: Double
  /// The attempts since the last `reset`.
  public private(set) var attempts = 0

  public init(first: Duration = .milliseconds(50), most: Duration = .seconds(5), jitter: Double = 0.5) {
    self.first = first
    self.most = max(first, most)
    self.jitter = min(max(jitter, 0), 1)
  }

  /// The wait before the next attempt. `random` is a number from 0 up to 1; a test gives its own.
  public mutating func next(random: Double = .random(in: 0..<1)) -> Duration {
    let doublings = min(attempts, 30)
    attempts += 1
    let full = min(first * (1 << doublings), most)
    return full * (1 - jitter * random)
  }

  /// To be called after a success.
  public mutating func reset() {
    attempts = 0
  }
}

extension Duration {
  /// For poll(2): milliseconds, rounded up so that a wait never ends early, and never the negative "for ever".
  var pollMilliseconds: Int32 {
    guard self > .zero else { return 0 }
    let (seconds, attoseconds) = components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    // trap: bounded by the line above
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// For SO_RCVTIMEO: never zero, which would mean "for ever".
  var socketTimeout: timeval {
    let (seconds, attoseconds) = components
    let microseconds = attoseconds / 1_000_000_000_000
    guard seconds > 0 || (seconds == 0 && microseconds >= 1000) else { return timeval(tv_sec: 0, tv_usec: 1000) }
    // trap: bounded by the line above
    return timeval(tv_sec: Int(min(seconds, 100_000_000)), tv_usec: Int(microseconds))
  }
}
