internal import Deployment

/// A timer, path or socket that starts an affected unit, and that the transaction paused so that nothing started in
/// between, waits or listens again, though no manifest lists it.
enum UnitTriggers: OtherUnitCheck {
  static let id = "unit.triggers"
  static let cause = "which paused it"

  static func items(of subject: VerificationSubject) -> [String] {
    subject.others.filter { isTrigger($0) }
  }
}
