internal import Deployment

/// Every unit of the manifest is active.
enum UnitActive: Check {
  static let id = "unit.active"

  static func items(of subject: VerificationSubject) -> [String] { subject.units }

  static func look(
    at unit: String, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<UnitView, ProbeError>> {
    .seen(await run.unit(unit))
  }

  static func judge(_ unit: String, _ seen: Result<UnitView, ProbeError>) -> CheckResult {
    let view: UnitView
    switch seen {
    case .success(let value): view = value
    case .failure(let error): return fail(unit, "expected active; systemd could not be asked: \(error)")
    }
    if view.isActive {
      return pass(unit, "\(view.active) (\(view.sub))" + (view.pid.map { ", pid \($0)" } ?? ""), view.evidence)
    }
    return fail(unit, "expected active, is \(state(view)); \(advice(unit, view))", view.evidence)
  }

  private static func state(_ view: UnitView) -> String {
    if view.load != "loaded" { return "\(view.active) (\(view.load))" }
    var causes = [view.sub]
    if view.result != "success", view.result != "" { causes.append("result \(view.result)") }
    if let restarts = view.restarts, restarts > 0 { causes.append("restarted \(restarts) times") }
    return "\(view.active) (\(causes.joined(separator: ", ")))"
  }

  private static func advice(_ unit: String, _ view: UnitView) -> String {
    switch view.load {
    case "not-found": "no unit file with that name is installed, or systemd was not reloaded"
    case "masked": "unmask it with: systemctl unmask \(unit)"
    case "bad-setting", "error": "systemd refuses its unit file, see: systemctl status \(unit)"
    default: "see its log: qtctl logs \(unit)"
    }
  }
}
