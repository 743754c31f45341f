internal import Deployment

/// A unit that systemd stops together with an affected one, as by `Requires=` or `PartOf=`, is active again after the
/// transaction, though no manifest lists it.
enum UnitNeighbours: OtherUnitCheck {
  static let id = "unit.neighbours"
  static let cause = "which stopped it with its units"

  static func items(of subject: VerificationSubject) -> [String] {
    subject.others.filter { !isTrigger($0) }
  }
}
