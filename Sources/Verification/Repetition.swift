internal import Basics

/// Looks that are repeated until they pass: a service may be ready for systemd and not yet for its clients.
enum Repetition {
  /// Repeats `attempt` until it passes or `limit` is over. When another check fails meanwhile, nothing is waited for any
  /// longer.
  ///
  /// - Parameters:
  ///   - attempt: looks once, no longer than it is given.
  ///   - passes: whether what was seen is what is wanted.
  /// - Returns: what was seen last.
  static func look<Seen: Sendable>(
    within limit: Duration, _ run: VerificationRun, attempt: (Duration) async -> Seen, passes: (Seen) -> Bool
  ) async -> Observation<Seen> {
    let deadline = ContinuousClock.now + limit
    var pause = Duration.milliseconds(50)
    while true {
      let seen = await attempt(max(deadline - .now, .milliseconds(1)))
      if passes(seen) { return .seen(seen) }
      if let reason = run.window.endedBecause {
        return .skipped(because: "it had not passed yet when the window ended: \(reason)")
      }
      guard ContinuousClock.now + pause < deadline else { return .seen(seen) }
      do { try await Task.sleep(for: pause) } catch { return .seen(seen) }
      pause = min(pause * 2, .milliseconds(500))
    }
  }
}
