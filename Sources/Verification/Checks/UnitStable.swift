internal import Deployment

/// A unit that runs now is the same run until the end of the window: same invocation, same main process, no restart,
/// and a watchdog that is fed in time.
enum UnitStable: Check {
  static let id = "unit.stable"

  /// How a window ended for a unit that never broke in it.
  enum End: Equatable {
    case whole(Duration)
    /// Ended early, and by what.
    case early(Duration, because: String)
  }

  /// What broke between two looks at a unit, as the end of a sentence; `nil`: nothing.
  static func broken(from start: UnitView, to now: UnitView) -> String? {
    if !now.isActive {
      let cause = now.result == "success" || now.result == "" ? now.sub : now.result
      return "it became \(now.active) (\(cause))"
    }
    if let before = start.restarts, let after = now.restarts, after > before {
      let times = after - before
      return "systemd restarted it \(times == 1 ? "once" : "\(times) times") (counter \(before) to \(after))"
    }
    if start.invocation != now.invocation {
      return "it was started anew (invocation \(start.invocation ?? "none") became \(now.invocation ?? "none"))"
    }
    if start.pid != now.pid {
      return "its main process changed (pid \(name(start.pid)) became \(name(now.pid)))"
    }
    return starved(now)
  }

  /// What is wrong with a unit that gives no sign of life in time. systemd ends such a run, unless it was told not to
  /// (`systemd-analyze service-watchdogs`) or is itself too busy.
  static func starved(_ now: UnitView) -> String? {
    guard let limit = now.watchdog, let unfed = now.unfed, unfed > limit else { return nil }
    return "its last sign of life is \(unfed.text) old, its watchdog's limit is \(limit.text)"
  }

  /// Of a unit that is watched over no window.
  static func glimpsed(_ unit: String, _ now: UnitView) -> CheckResult {
    if let cause = starved(now) { return failed(unit, from: now, to: now, after: .zero, cause: cause) }
    return skip(unit, because: "no window was asked for (stable is 0)")
  }

  static func failed(_ unit: String, from start: UnitView, to now: UnitView, after: Duration, cause: String)
    -> CheckResult
  {
    fail(
      unit, "expected one run without a restart; after \(after.text) \(cause); its last words: qtctl logs \(unit)",
      evidence(start, now, after))
  }

  static func unseen(_ unit: String, _ unseen: Unseen, after: Duration) -> CheckResult {
    fail(unit, "expected one run without a restart; after \(after.text) systemd could not be asked: \(unseen)")
  }

  static func held(_ unit: String, from start: UnitView, to now: UnitView, _ end: End) -> CheckResult {
    switch end {
    case .whole(let window):
      let fed = now.watchdog == nil ? "" : ", its watchdog fed"
      return pass(unit, "same run for \(window.text), no restart\(fed)", evidence(start, now, window))
    case .early(let window, let reason):
      var result = skip(unit, because: "the window ended after \(window.text): \(reason)")
      result.evidence = evidence(start, now, window)
      return result
    }
  }

  private static func name(_ pid: Int?) -> String { pid.map(String.init) ?? "none" }

  private static func evidence(_ start: UnitView, _ now: UnitView, _ window: Duration) -> Evidence {
    [
      "window_seconds": .double(window.inSeconds), "invocation": .optional(start.invocation),
      "invocation_after": .optional(now.invocation), "main_pid": .optional(start.pid),
      "main_pid_after": .optional(now.pid), "restarts": .optional(start.restarts),
      "restarts_after": .optional(now.restarts), "watchdog_seconds": .optional(now.watchdog?.inSeconds),
      "unfed_seconds": .optional(now.unfed?.inSeconds),
    ]
  }
}
