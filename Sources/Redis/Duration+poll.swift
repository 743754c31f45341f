internal import CHiredis

extension Duration {
  /// For poll(2): milliseconds, rounded up so that a wait never ends early, and never the negative "for ever".
  var pollMilliseconds: Int32 {
    guard self > .zero else { return 0 }
    let (seconds, attoseconds) = components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// For SO_RCVTIMEO: never zero, which would mean "for ever".
  var socketTimeout: timeval {
    let (seconds, attoseconds) = components
    let microseconds = attoseconds / 1_000_000_000_000
    guard seconds > 0 || (seconds == 0 && microseconds >= 1000) else { return timeval(tv_sec: 0, tv_usec: 1000) }
    return timeval(tv_sec: Int(min(seconds, 100_000_000)), tv_usec: Int(microseconds))
  }
}
