/// Which backups are kept, and why. Pure: the store is told what to remove.
public struct Retention: Sendable {
  /// One backup, as far as retention looks at it.
  public struct Candidate: Sendable, Hashable {
    public var stamp: Stamp
    public var pinned: Bool
    public var verified: Bool
    /// The digest of the release that it holds; `nil` for what qtctl had not deployed, or where it cannot be read.
    public var release: String?
    /// What is wrong with it, in words; `nil` when it is whole.
    public var damage: String?

    public init(stamp: Stamp, pinned: Bool, verified: Bool, release: String? = nil, damage: String? = nil) {
      self.stamp = stamp
      self.pinned = pinned
      self.verified = verified
      self.release = release
      self.damage = damage
    }
  }

  public struct Decision: Sendable, Hashable, Codable {
    public var stamp: Stamp
    public var keep: Bool
    /// Why, in words.
    public var reason: String
  }

  /// How many of the newest whole backups are kept whatever they are; at least 1.
  public var keep: Int
  /// The digest of the release that is on the host.
  public var current: String?

  public init(keep: Int, current: String? = nil) {
    self.keep = max(1, keep)
    self.current = current
  }

  /// A decision for each candidate, newest first.
  ///
  /// Never removed are: a pinned one; one that a transaction needs; the last verified one that is whole, and the last
  /// such of another release than the host's, since a rollback that names no stamp goes there; a damaged one, which
  /// somebody should look at; the newest whole one. Damaged ones count for nothing: they save nobody.
  ///
  /// - Parameter incoming: how many newer backups are about to come; they count among the newest.
  public func decide(_ candidates: [Candidate], needed: Set<Stamp> = [], incoming: Int = 0) -> [Decision] {
    let newestFirst = candidates.sorted { $0.stamp > $1.stamp }
    let good = newestFirst.filter { $0.verified && $0.damage == nil }
    let lastVerified = good.first?.stamp
    let wayBack = good.first { $0.release != current }?.stamp
    let newest = newestFirst.first { $0.damage == nil }?.stamp
    var place = incoming
    return newestFirst.map { candidate in
      let isNewest = candidate.damage == nil && place < keep
      if candidate.damage == nil { place += 1 }
      let reason: String? =
        if candidate.pinned {
          "it is pinned"
        } else if needed.contains(candidate.stamp) {
          "a transaction needs it"
        } else if let damage = candidate.damage {
          "it is damaged (\(damage)); look at it, then remove it by hand"
        } else if candidate.stamp == lastVerified {
          "it is the last verified one"
        } else if candidate.stamp == wayBack {
          "it is the last verified one of another release than the host's"
        } else if candidate.stamp == newest {
          "it is the newest whole one"
        } else if isNewest {
          "it is among the newest \(keep)"
        } else {
          nil
        }
      return Decision(
        stamp: candidate.stamp, keep: reason != nil, reason: reason ?? "it is older than the newest \(keep)")
    }
  }
}
