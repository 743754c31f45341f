internal import Basics
internal import Deployment

/// Every unit of the manifest is up, or stopped, or as it was found, as the manifest wants it.
///
/// What was failed or crash-looping before the transaction warns, and fails only when it became worse or when a file
/// listed under that very unit changed.
enum UnitActive: Check {
  static let id = "unit.active"

  struct Seen: Sendable {
    var view: Result<UnitView, ProbeError>
    /// How the unit was before the transaction; `nil`: not known.
    var before: Baseline.Unit?
    /// Whether a transaction is being verified.
    var inTransaction = false
  }

  static func items(of subject: VerificationSubject) -> [ExpectedUnit] { subject.units }

  static func name(of unit: ExpectedUnit) -> String { unit.name }

  static func severity(of unit: ExpectedUnit, _ subject: VerificationSubject) -> Manifest.Severity { unit.severity }

  static func look(at unit: ExpectedUnit, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    .seen(
      Seen(
        view: await run.unit(unit.name), before: run.subject.baseline?.units?[unit.name],
        inTransaction: run.subject.since != nil))
  }

  static func judge(_ unit: ExpectedUnit, _ seen: Seen) -> CheckResult {
    let view: UnitView
    switch seen.view {
    case .success(let value): view = value
    case .failure(let error): return fail(unit.name, "expected active; systemd could not be asked: \(error)")
    }
    let health = view.health(inTransaction: seen.inTransaction)
    switch unit.target ?? view.standardTarget {
    case .stopped:
      return view.isActive
        ? fail(unit.name, "expected stopped, is \(view.describedState)", view.evidence)
        : pass(unit.name, "\(view.active), as the manifest wants it", view.evidence)
    case .running:
      switch health {
      case .up(let state): return pass(unit.name, state + (view.pid.map { ", pid \($0)" } ?? ""), view.evidence)
      case .resting(let state), .down(let state): return down(unit, "active", state, view, seen.before)
      }
    case .asFound:
      switch health {
      case .up(let state): return pass(unit.name, state, view.evidence)
      case .resting(let state) where seen.before?.isUp == true && !view.comesAndGoes:
        return down(unit, "active as before the transaction", state, view, nil)
      case .resting(let state): return pass(unit.name, "\(state), as found", view.evidence)
      // Somebody wants it down, and so it was found or put back.
      case .down(let state) where view.load == "masked" && !view.isActive:
        return pass(unit.name, "\(state), as found", view.evidence)
      case .down(let state): return down(unit, "not failed", state, view, seen.before)
      }
    }
  }

  private static func down(
    _ unit: ExpectedUnit, _ expected: String, _ state: String, _ view: UnitView, _ before: Baseline.Unit?
  ) -> CheckResult {
    let sentence = "expected \(expected), is \(state); \(advice(unit.name, view))"
    if isExcused(unit, view, before), let before {
      return warn(unit.name, "\(sentence); before the transaction it was \(before.state)", view.evidence)
    }
    return fail(unit.name, sentence, view.evidence)
  }

  /// Whether a unit that is not sound was as bad before the transaction, and none of its own files changed.
  static func isExcused(_ unit: ExpectedUnit, _ view: UnitView, _ before: Baseline.Unit?) -> Bool {
    guard let before, !unit.isChanged, before.condition > .sound else { return false }
    let now = max(view.condition, view.isActive ? .crashLooping : view.active == "inactive" ? .failed : .crashLooping)
    return now <= before.condition
  }

  private static func advice(_ unit: String, _ view: UnitView) -> String {
    switch view.load {
    case "not-found": "no unit file with that name is installed, or systemd was not reloaded"
    case "masked": "unmask it with: systemctl unmask \(ShellWord.of(unit))"
    case "bad-setting", "error": "systemd refuses its unit file, see: systemctl status \(ShellWord.of(unit))"
    default: "see its log: qtctl logs \(ShellWord.of(unit))"
    }
  }
}
