extension ContinuousClock.Instant {
  /// How long until then; zero when it has passed.
  var remaining: Duration { Swift.max(ContinuousClock.now.duration(to: self), .zero) }
}

extension Duration {
  /// In whole microseconds, rounded up, so that nothing is asked again just before it is due. At least 1, since sd-bus
  /// takes 0 for its default, and never the greatest, which it takes for no limit.
  var busMicroseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds < 1_000_000_000 else { return 1_000_000_000_000_000 }
    return UInt64(Swift.max(seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000, 1))
  }
}
