internal import Deployment

/// A release whose content failed here, and was rolled back, is not tried again unless somebody says so. The history
/// decides: its last entry that proves anything of the release.
struct Quarantine: PreflightCheck {
  let release: ReleaseIdentity
  /// The manifest's name.
  let name: String
  /// What is on the host.
  let installed: ReleaseIdentity?
  /// Whether it is to be tried all the same.
  let again: Bool

  func findings(_ situation: PreflightSituation) throws -> [String] {
    guard !again, let failure = try failure(situation) else { return [] }
    return [sentence(failure, situation) + "; mend the release, or deploy with --again to try it all the same"]
  }

  func remarks(_ situation: PreflightSituation) -> [String] {
    // It can be read: findings has.
    guard again, let failure = try? failure(situation) else { return [] }
    return [sentence(failure, situation)]
  }

  private func failure(_ situation: PreflightSituation) throws -> HistoryEntry? {
    // What is on the host already is not tried, it is proved.
    guard !situation.plan.isEmpty, installed != release else { return nil }
    let last = try History(situation.context.state).newest(holding: release.digest) {
      $0.verdict(on: release, named: name) != nil
    }
    return last.flatMap { $0.verdict(on: release, named: name) == .fails ? $0 : nil }
  }

  private func sentence(_ failure: HistoryEntry, _ situation: PreflightSituation) -> String {
    let why = (failure.reason ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
    let evidence = failure.evidence.map { Files.exists($0) ? "; evidence is kept in \($0)" : "" } ?? ""
    return "\(name) \(release) was tried here on \(UTC.text(failure.started)) by \(failure.user) and failed: "
      + why + evidence
  }
}

extension Quarantine {
  init(_ preparation: Preparation) {
    self.init(
      release: preparation.release.identity, name: preparation.release.manifest.name,
      installed: preparation.installed?.release, again: preparation.options.again)
  }
}
