internal import Basics
internal import Deployment

/// Whether a unit is up, which depends on its type: a oneshot is when its last run succeeded, a timer when it waits.
enum UnitHealth: Equatable {
  case up(String)
  /// It does not run, and that is no fault of its own.
  case resting(String)
  case down(String)

  var isUp: Bool { if case .up = self { true } else { false } }
}

extension UnitView {
  var isOneshot: Bool { serviceType == "oneshot" }

  /// Whether it runs when something triggers it, so that it may be up or down. A service that a socket starts stays up.
  var isTriggered: Bool {
    triggeredBy.contains { $0.hasSuffix(".timer") || $0.hasSuffix(".path") || (isOneshot && $0.hasSuffix(".socket")) }
  }

  /// Whether each run is a short one, so that another run is no restart.
  var comesAndGoes: Bool { isOneshot || isTriggered }

  /// How the unit must be where nobody says.
  var standardTarget: ExpectedUnit.Target { isTriggered ? .asFound : .running }

  /// - Parameter inTransaction: whether a transaction has just run what had to run; systemd forgets a oneshot that is
  ///   over and that no other unit needs.
  func health(inTransaction: Bool) -> UnitHealth {
    let state = "\(active) (\(sub))"
    if isActive { return .up(state) }
    if load != "loaded" { return .down("\(active) (\(load))") }
    if isOnlyLimited {
      return .resting("\(describedState): its last run succeeded, and it is started more often than it allows")
    }
    if active == "failed" || sub == "auto-restart" { return .down(describedState) }
    if !unmetConditions.isEmpty {
      return .resting("\(active): its condition was not met (\(unmetConditions.joined(separator: ", ")))")
    }
    guard isOneshot else { return active == "inactive" ? .resting(describedState) : .down(describedState) }
    if active == "activating" { return .up("running now") }
    guard active == "inactive", result == "success" || result == "" else { return .down(describedState) }
    if hasRun { return .up("its last run succeeded") }
    if !isEnabled { return .up("nothing enables it, and it has not run") }
    return inTransaction ? .up("its run is over") : .resting("inactive: it has not run since the boot")
  }

  /// Whether nothing failed but another start so soon (`StartLimitBurst=`) of what something triggers.
  var isOnlyLimited: Bool { comesAndGoes && result == "start-limit-hit" && lastExitWasZero == true }

  /// The state with what explains it.
  var describedState: String {
    if load != "loaded" { return "\(active) (\(load))" }
    var causes = [sub]
    if result != "success", result != "" { causes.append("result \(result)") }
    if let restarts, restarts > 0 { causes.append("restarted \(restarts) times") }
    return "\(active) (\(causes.joined(separator: ", ")))"
  }

  /// How sound it is, as a baseline compares it. One that systemd restarted and that has been up for less than a minute
  /// is about to crash again.
  var condition: Baseline.Unit.Condition {
    if active == "failed" || load == "bad-setting" || load == "error" { return .failed }
    if sub == "auto-restart" || sub == "auto-restart-queued" { return .crashLooping }
    if let restarts, restarts > 0, let upFor, upFor < .seconds(60) { return .crashLooping }
    return .sound
  }
}

extension Baseline.Unit {
  init(_ view: UnitView) {
    self.init(
      condition: view.condition, state: view.describedState, isUp: view.isActive || view.active == "activating")
  }
}
