public import Deployment

extension BackupStore {
  /// What retention says of the backups of one manifest, newest first.
  public func retention(keep: Int, name: String, needed: Set<Stamp> = []) throws -> [Retention.Decision] {
    let candidates = try stamps().compactMap { stamp -> Retention.Candidate? in
      // What cannot be read is never removed by itself: somebody should look at it.
      guard let record = try? record(stamp), record.name == name else { return nil }
      return Retention.Candidate(stamp: stamp, pinned: isPinned(stamp), verified: record.verified)
    }
    return Retention(keep: keep).decide(candidates, needed: needed)
  }

  /// Removes what retention does not keep.
  func prune(keep: Int, name: String, needed: Set<Stamp>) throws {
    try sweep()
    for decision in try retention(keep: keep, name: name, needed: needed) where !decision.keep {
      try remove(decision.stamp)
    }
  }
}
