public import Deployment

extension BackupStore {
  /// What retention says of the backups of one manifest, newest first.
  ///
  /// What cannot be read may be anybody's: it is listed with them and never removed by itself.
  ///
  /// - Parameters:
  ///   - current: the digest of the release that is on the host.
  ///   - incoming: how many newer backups are about to come.
  public func retention(
    keep: Int, name: String, current: String?, needed: Set<Stamp> = [], incoming: Int = 0
  ) throws -> [Retention.Decision] {
    let candidates = try stamps().compactMap { stamp -> Retention.Candidate? in
      let result = try look(at: stamp, .quick)
      let record = result.record ?? (try? self.record(stamp))
      if let record, record.name != name { return nil }
      return Retention.Candidate(
        stamp: stamp, pinned: isPinned(stamp), verified: record?.verified ?? false,
        release: record?.installed?.release.digest,
        damage: result.damage.isEmpty ? nil : result.damage.joined(separator: "; "))
    }
    return Retention(keep: keep, current: current).decide(candidates, needed: needed, incoming: incoming)
  }

  /// Removes what was decided against.
  func prune(_ decisions: [Retention.Decision]) throws {
    try sweep()
    for decision in decisions where !decision.keep { try remove(decision.stamp) }
  }
}
