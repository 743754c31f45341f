internal import Basics
internal import Deployment
internal import Systemd

/// Watches units over the window. Looking now and then is enough: a run that ended leaves another invocation or a higher
/// counter behind.
struct UnitWatch: Sendable {
  /// The units and how they were at the start of the window.
  var start: [String: UnitView]

  /// One result for each unit: at the end of the window, or at once when one of them breaks.
  func run(_ window: Window) async -> [CheckResult] {
    // Looking costs systemd about a millisecond a unit.
    let pause = max(Duration.milliseconds(250), Duration.milliseconds(10 * start.count))
    var now: [String: Result<UnitView, Unseen>] = [:]
    while true {
      await window.sleep(for: pause)
      let over = window.isOver
      now = await BlockingThread.run { [units = Array(start.keys)] in UnitView.look(at: units) }
      if let broken = firstBroken(now) { window.end(because: "unit.stable of \(broken) failed") }
      if over || window.isOver { break }
    }
    return start.map { result($0, from: $1, to: now[$0] ?? .failure(Unseen("it was not looked at")), window) }
  }

  private func firstBroken(_ now: [String: Result<UnitView, Unseen>]) -> String? {
    start.first { unit, view in
      guard case .success(let later)? = now[unit] else { return true }
      return UnitStable.broken(from: view, to: later) != nil
    }?.key
  }

  private func result(
    _ unit: String, from start: UnitView, to now: Result<UnitView, Unseen>, _ window: Window
  ) -> CheckResult {
    let elapsed = min(window.elapsed, window.length)
    switch now {
    case .failure(let unseen): return UnitStable.unseen(unit, unseen, after: elapsed)
    case .success(let view):
      if let cause = UnitStable.broken(from: start, to: view) {
        return UnitStable.failed(unit, from: start, to: view, after: elapsed, cause: cause)
      }
      let end = window.endedBecause.map { UnitStable.End.early(elapsed, because: $0) } ?? .whole(window.length)
      return UnitStable.held(unit, from: start, to: view, end)
    }
  }
}
