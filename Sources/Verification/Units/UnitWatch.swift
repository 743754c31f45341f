internal import Basics
internal import Systemd

/// Watches units over the window. Looking now and then is enough: a run that ended leaves another invocation or a higher
/// counter behind.
struct UnitWatch: Sendable {
  /// The units and how they were at the start of the window.
  var start: [String: UnitView]
  /// The units that end the window when they break.
  var decisive: Set<String>

  /// How a unit was when it was last looked at.
  struct End: Sendable {
    var now: Result<UnitView, ProbeError>
    /// For how long it was watched.
    var elapsed: Duration
    /// Why the window was ended early; `nil`: it was not.
    var endedBecause: String?
  }

  /// Returns at the end of the window, or at once when one of the units breaks.
  func run(_ window: Window) async -> [String: End] {
    guard !start.isEmpty else { return [:] }
    // Looking costs systemd about a millisecond a unit.
    let pause = max(Duration.milliseconds(250), Duration.milliseconds(10 * start.count))
    var now: [String: Result<UnitView, ProbeError>] = [:]
    while true {
      await window.sleep(for: pause)
      let over = window.isOver
      now = await BlockingThread.run { [units = Array(start.keys)] in UnitView.look(at: units) }
      if let broken = firstBroken(now) { window.end(because: "unit.stable of \(broken) failed") }
      if over || window.isOver { break }
    }
    let elapsed = min(window.elapsed, window.length)
    return Dictionary(
      uniqueKeysWithValues: start.keys.map { unit in
        let view = now[unit] ?? .failure(ProbeError("it was not looked at"))
        return (unit, End(now: view, elapsed: elapsed, endedBecause: window.endedBecause))
      })
  }

  private func firstBroken(_ now: [String: Result<UnitView, ProbeError>]) -> String? {
    start.first { unit, view in
      guard decisive.contains(unit) else { return false }
      guard case .success(let later)? = now[unit] else { return true }
      return UnitStable.broken(from: view, to: later) != nil
    }?.key
  }
}
