internal import Deployment
internal import FileOperations
internal import HostState
internal import Releases

/// A release whose content failed here, and was rolled back, is not tried again unless somebody says so. The history
/// decides: its last entry that proves anything of the release.
package struct Quarantine: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard !situation.change.again, let failure = try failure(situation) else { return [] }
    return [sentence(failure) + "; fix the release, or deploy with --again to try it anyway"]
  }

  package func remarks(_ situation: PreflightSituation) -> [String] {
    // It can be read: findings has.
    guard situation.change.again, let failure = try? failure(situation) else { return [] }
    return [sentence(failure)]
  }

  private func failure(_ situation: PreflightSituation) throws -> HistoryEntry? {
    // What is on the host already is not tried, it is verified.
    guard let release = situation.release, !situation.plan.isEmpty, situation.change.installed != release.identity
    else { return nil }
    let (identity, name) = (release.identity, release.manifest.name)
    let last = try History(situation.state).newest(holding: identity.digest) {
      $0.verdict(on: identity, named: name) != nil
    }
    return last.flatMap { $0.verdict(on: identity, named: name) == .fails ? $0 : nil }
  }

  private func sentence(_ failure: HistoryEntry) -> String {
    let why = (failure.reason ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
    let evidence = failure.evidence.map { Files.exists($0) ? "; logs and diff: \($0)" : "" } ?? ""
    let release = failure.to.map(String.init(describing:)) ?? ""
    return
      "\(failure.name) \(release) was deployed on this host on \(UTC.text(failure.started)) by \(failure.user) and failed: "
      + why + evidence
  }
}
