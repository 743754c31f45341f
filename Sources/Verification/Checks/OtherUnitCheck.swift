internal import Deployment

/// A check of units that the plan reaches though it does not list them: each was active before, so it is active again.
protocol OtherUnitCheck: Check where Item == String, Seen == Result<UnitView, ProbeError> {
  /// What the transaction did to such a unit, to end a sentence with.
  static var cause: String { get }
}

extension OtherUnitCheck {
  /// Whether a unit starts others: a timer, path or socket.
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
        "expected active, is \(view.describedState); it was active before the transaction, \(cause);"
          + " start it: systemctl start \(unit)", view.evidence)
    }
  }
}
