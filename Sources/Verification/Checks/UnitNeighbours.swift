internal import Deployment

/// A unit that systemd stopped together with an affected one is active again.
enum UnitNeighbours: Check {
  static let id = "unit.neighbours"

  static func items(of subject: VerificationSubject) -> [String] {
    subject.others.filter { !isTrigger($0) }
  }

  static func isTrigger(_ unit: String) -> Bool {
    [".timer", ".path", ".socket"].contains { unit.hasSuffix($0) }
  }

  static func look(
    at unit: String, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<UnitView, ProbeError>> {
    .seen(await run.unit(unit))
  }

  static func judge(_ unit: String, _ seen: Result<UnitView, ProbeError>) -> CheckResult {
    switch seen {
    case .failure(let error): return fail(unit, "expected active; systemd could not be asked: \(error)")
    case .success(let view) where view.health(inTransaction: true).isUp:
      return pass(unit, view.describedState, view.evidence)
    case .success(let view):
      return fail(
        unit,
        "expected active, is \(view.describedState); it was active before the transaction, which stopped it with its units; start it: systemctl"
          + " start \(unit)", view.evidence)
    }
  }
}
