/// Decides which backups are kept, and why. Pure: it removes nothing.
package struct Retention: Sendable {
  /// One backup, as far as retention looks at it.
  package struct Candidate: Sendable, Hashable {
    package var stamp: Stamp
    package var pinned: Bool
    package var verified: Bool
    /// The digest of the release that it holds; `nil` for what qtctl had not deployed, or where it cannot be read.
    package var release: String?
    /// What is wrong with it, in words; `nil` when it is intact.
    package var damage: String?

    package init(stamp: Stamp, pinned: Bool, verified: Bool, release: String? = nil, damage: String? = nil) {
      self.stamp = stamp
      self.pinned = pinned
      self.verified = verified
      self.release = release
      self.damage = damage
    }
  }

  package struct Decision: Sendable, Hashable, Codable {
    package var stamp: Stamp
    package var keep: Bool
    /// Why, in words.
    package var reason: String
  }

  /// How many of the newest intact backups are kept in any case; at least 1.
  package var keep: Int
  /// The digest of the installed release.
  package var current: String?

  package init(keep: Int, current: String? = nil) {
    self.keep = max(1, keep)
    self.current = current
  }

  /// A decision for each candidate, newest first.
  ///
  /// Never removed: a pinned one; one that a transaction needs; the last intact verified one, and the last intact
  /// verified one of a release other than the installed one, to which a rollback without a stamp returns; the newest
  /// intact one; a damaged one, which an operator should look at. Damaged ones do not count among the newest.
  ///
  /// - Parameter incoming: How many newer backups are about to be taken; they count among the newest.
  package func decide(_ candidates: [Candidate], needed: Set<Stamp> = [], incoming: Int = 0) -> [Decision] {
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
          "it is damaged (\(damage)); inspect it, then remove it by hand"
        } else if candidate.stamp == lastVerified {
          "it is the last verified one"
        } else if candidate.stamp == wayBack {
          "it is the last verified one of a release other than the installed one"
        } else if candidate.stamp == newest {
          "it is the newest intact one"
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

/// Decides which evidence of failed releases is kept. Pure: it removes nothing.
package struct EvidenceRetention: Sendable {
  /// One folder of evidence.
  package struct Candidate: Sendable, Hashable {
    package var stamp: Stamp
    /// Of all its files.
    package var bytes: Int

    package init(stamp: Stamp, bytes: Int) {
      self.stamp = stamp
      self.bytes = bytes
    }
  }

  /// How many are kept at most.
  package var count: Int
  /// The most bytes that all of them may have together.
  package var bytes: Int

  package init(count: Int = 10, bytes: Int = 64 << 20) {
    self.count = count
    self.bytes = bytes
  }

  /// What is removed, oldest first. The newest is kept whatever its size: somebody is about to read it.
  package func removals(_ candidates: [Candidate]) -> [Stamp] {
    var left = bytes
    var isFull = false
    var removals: [Stamp] = []
    for (place, candidate) in candidates.sorted(by: { $0.stamp > $1.stamp }).enumerated() {
      left -= candidate.bytes
      isFull = isFull || left < 0 || place >= count
      if isFull && place > 0 { removals.append(candidate.stamp) }
    }
    return removals.reversed()
  }
}
