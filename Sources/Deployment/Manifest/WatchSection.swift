extension Manifest {
  /// What becomes of a release after it was verified: systemd has it verified again and again.
  package struct Watch: Sendable, Hashable {
    /// How long.
    package var length = Self.usualLength
    /// From the end of one look to the beginning of the next.
    package var every: Duration = .seconds(60)
    /// How often a look is a thorough one: with a probe, and the contents of every file.
    package var probe: Duration = .seconds(300)
    /// So many looks in a row that find something are a lasting failure.
    package var failures = 3
    /// A probe's way or an answer over HTTP that takes longer is found; `nil`: no such limit.
    package var slow: Duration?
    /// What a lasting failure leads to.
    package var onFailure = WatchResponse.alarm
    /// The program that is told of it; `nil`: none.
    package var alarm: Hook?

    package init() {}

    package static let usualLength = Duration.seconds(7200)
    package static let longest = Duration.seconds(31 * 86_400)
    /// The default of `alarm.within`.
    package static let usuallyAlarm = Duration.seconds(30)
  }

  /// How the release is watched where the manifest does not say.
  package var effectiveWatch: Watch { watch ?? Watch() }
}

/// What a lasting failure leads to.
package enum WatchResponse: String, Sendable, Hashable, Codable, CaseIterable {
  /// It is told: the alarm's program, the journal, the metrics.
  case alarm
  /// The backup of the state before the deploy is put back, once.
  case rollback
}
