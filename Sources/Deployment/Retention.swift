/// Which backups are kept, and why. Pure: the store is told what to remove.
public struct Retention: Sendable {
  /// One backup, as far as retention looks at it.
  public struct Candidate: Sendable, Hashable {
    public var stamp: Stamp
    public var pinned: Bool
    public var verified: Bool

    public init(stamp: Stamp, pinned: Bool, verified: Bool) {
      self.stamp = stamp
      self.pinned = pinned
      self.verified = verified
    }
  }

  public struct Decision: Sendable, Hashable, Codable {
    public var stamp: Stamp
    public var keep: Bool
    /// Why, in words.
    public var reason: String
  }

  /// How many of the newest backups are kept whatever they are; at least 1.
  public var keep: Int

  public init(keep: Int) { self.keep = max(1, keep) }

  /// A decision for each candidate, newest first. A pinned one, the last verified one and those that a transaction
  /// needs are never removed.
  public func decide(_ candidates: [Candidate], needed: Set<Stamp> = []) -> [Decision] {
    let newestFirst = candidates.sorted { $0.stamp > $1.stamp }
    let lastVerified = newestFirst.first(where: \.verified)?.stamp
    return newestFirst.enumerated().map { place, candidate in
      let reason: String? =
        if candidate.pinned {
          "it is pinned"
        } else if needed.contains(candidate.stamp) {
          "a transaction needs it"
        } else if candidate.stamp == lastVerified {
          "it is the last verified one"
        } else if place < keep {
          "it is among the newest \(keep)"
        } else {
          nil
        }
      return Decision(
        stamp: candidate.stamp, keep: reason != nil, reason: reason ?? "it is older than the newest \(keep)")
    }
  }
}
