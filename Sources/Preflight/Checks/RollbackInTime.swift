internal import Basics
internal import Deployment
internal import Releases

/// The rollback that this release may need fits its deadline.
///
/// Stops and starts are cut to the time that is left, and their limits are far above what they take on most days, so
/// their sum is a bound and no prediction: it is worth a word. The window that every unit must stay up takes its whole
/// length every time: where it does not fit, no rollback of this release can be proved in time.
package struct RollbackInTime: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] {
    guard let manifest = situation.release?.manifest, manifest.verify.stable >= manifest.rollback.deadline else {
      return []
    }
    return [
      "a rollback could not be verified in time: 'verify.stable' is \(manifest.verify.stable.compactText) and "
        + "'rollback.deadline' \(manifest.rollback.deadline.compactText); raise the deadline or lower 'verify.stable'"
    ]
  }

  package func remarks(_ situation: PreflightSituation) -> [String] {
    guard let manifest = situation.release?.manifest else { return [] }
    let bound =
      (manifest.services.compactMap(\.stop).max() ?? .zero)
      + manifest.services.compactMap(\.ready).reduce(.zero, +)
      + manifest.verify.stable
    let deadline = manifest.rollback.deadline
    guard bound > deadline, manifest.verify.stable < deadline else { return [] }
    return [
      "if every unit used up its 'stop' and 'ready', a rollback would take \(bound.compactText); it is cut short at its "
        + "deadline, \(deadline.compactText)"
    ]
  }
}
