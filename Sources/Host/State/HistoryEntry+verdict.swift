internal import Deployment

extension HistoryEntry {
  /// Whether a release works here, as far as a transaction has shown it.
  enum Verdict: Hashable { case works, fails }

  /// What this transaction says of the content of a release; `nil`: nothing. An interrupted one or one that met a full
  /// disk proves nothing, nor does one that ended without a look at the services' health.
  func verdict(on release: ReleaseIdentity, named name: String) -> Verdict? {
    guard self.name == name, to?.digest == release.digest else { return nil }
    if fault == .content { return .fails }
    let proved = outcome == .deployed || outcome == .unchanged || outcome == .rolledBack
    return proved && exit == ExitStatus.done.rawValue ? .works : nil
  }
}

extension HistoryEntry.Fault {
  /// What the failure of a deploy says of the release.
  ///
  /// - Parameter units: those of the release.
  init?(_ error: any Error, units: [String]) {
    switch error {
    case HostError.notReady(let unit, _) where units.contains(unit): self = .content
    case HostError.unhealthy(let checks) where !checks.isEmpty: self = .content
    default: return nil
    }
  }
}
