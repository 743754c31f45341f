internal import Basics
internal import Deployment

/// A unit that runs now is the same run until the end of the window: same invocation, no restart,
/// and a watchdog that is notified in time.
enum UnitStable: Check {
  static let id = "unit.stable"

  struct Seen: Sendable {
    /// How the unit was when the window began.
    var start: UnitView
    /// How it was at the end; `nil`: no window was asked for.
    var end: UnitWatch.End?
    /// How it was before the transaction; `nil`: not known.
    var before: Baseline.Unit?
  }

  static func items(of subject: VerificationSubject) -> [ExpectedUnit] { subject.units }

  static func name(of unit: ExpectedUnit) -> String { unit.name }

  static func severity(of unit: ExpectedUnit, _ subject: VerificationSubject) -> Manifest.Severity { unit.severity }

  static func look(at unit: ExpectedUnit, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    guard case .success(let start) = await run.unit(unit.name), start.isActive || start.comesAndGoes else {
      return .skipped(because: "it is not active")
    }
    let end = run.window.length > .zero ? await run.watched(unit.name) : nil
    return .seen(Seen(start: start, end: end, before: run.subject.baseline?.units?[unit.name]))
  }

  static func judge(_ expected: ExpectedUnit, _ seen: Seen) -> CheckResult {
    let unit = expected.name
    func failed(_ start: UnitView, _ now: UnitView, _ after: Duration, _ cause: String) -> CheckResult {
      let log = "see its log: qtctl logs \(ShellWord.of(unit))"
      let sentence = "expected one run without a restart; after \(after.text) \(cause); \(log)"
      let evidence = Self.evidence(start, now, after)
      if UnitActive.isExcused(expected, now, seen.before), let before = seen.before {
        return warn(unit, "\(sentence); before the transaction it was \(before.state)", evidence)
      }
      return fail(unit, sentence, evidence)
    }
    guard let end = seen.end else {
      if let cause = overdue(seen.start) { return failed(seen.start, seen.start, .zero, cause) }
      return skip(unit, because: "no window was asked for (stable is 0)")
    }
    let now: UnitView
    switch end.now {
    case .success(let view): now = view
    case .failure(let error):
      return fail(
        unit, "expected one run without a restart; after \(end.elapsed.text) systemd could not be asked: \(error)")
    }
    if let cause = broken(from: seen.start, to: now) { return failed(seen.start, now, end.elapsed, cause) }
    let evidence = Self.evidence(seen.start, now, end.elapsed)
    if let reason = end.endedBecause {
      var result = skip(unit, because: "the window ended after \(end.elapsed.text): \(reason)")
      result.evidence = evidence
      return result
    }
    if now.comesAndGoes { return pass(unit, "no failed run in \(end.elapsed.text)", evidence) }
    let watchdog = now.watchdog == nil ? "" : ", its watchdog notified in time"
    return pass(unit, "same run for \(end.elapsed.text), no restart\(watchdog)", evidence)
  }

  /// What broke between two looks at a unit, as the end of a sentence; `nil`: nothing.
  static func broken(from start: UnitView, to now: UnitView) -> String? {
    if now.comesAndGoes {
      guard now.active == "failed", !now.isOnlyLimited, start.active != "failed" || start.invocation != now.invocation
      else { return nil }
      return "a run of it failed (\(now.result))"
    }
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
    // In the same run, another main process is one that the service itself named (MAINPID= of sd_notify(3)).
    if let pid = start.pid, now.pid == nil { return "its main process, pid \(pid), ended" }
    return overdue(now)
  }

  /// What is wrong with a unit that did not notify its watchdog in time. systemd ends such a run, unless it was told not
  /// to (`systemd-analyze service-watchdogs`) or is itself too busy.
  static func overdue(_ now: UnitView) -> String? {
    guard let limit = now.watchdog, let sinceWatchdog = now.sinceWatchdog, sinceWatchdog > limit else { return nil }
    return "it last notified its watchdog \(sinceWatchdog.text) ago; the limit is \(limit.text)"
  }

  private static func evidence(_ start: UnitView, _ now: UnitView, _ window: Duration) -> Evidence {
    [
      "window_seconds": .double(window.inSeconds), "invocation": .optional(start.invocation),
      "invocation_after": .optional(now.invocation), "main_pid": .optional(start.pid),
      "main_pid_after": .optional(now.pid), "restarts": .optional(start.restarts),
      "restarts_after": .optional(now.restarts), "watchdog_seconds": .optional(now.watchdog?.inSeconds),
      "unfed_seconds": .optional(now.sinceWatchdog?.inSeconds),
    ]
  }
}
