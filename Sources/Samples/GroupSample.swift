/// How consumer groups stood at one moment of a transaction.
package struct GroupSample: Sendable, Hashable, Codable {
  /// In seconds from the transaction's first step on.
  package var at: Double
  package var groups: [Group]

  package init(at: Double, groups: [Group]) {
    self.at = at
    self.groups = groups
  }

  /// One group. What is not known is `nil`.
  package struct Group: Sendable, Hashable, Codable {
    package var stream: String
    package var group: String
    /// At least so many entries waited for their first delivery.
    package var waiting: Int?
    /// Entries that were delivered and not acknowledged.
    package var pending: Int?
    /// Entries that were ever added to the stream.
    package var added: Int?
    /// Entries that were ever delivered to the group.
    package var read: Int?

    package init(
      stream: String, group: String, waiting: Int? = nil, pending: Int? = nil, added: Int? = nil, read: Int? = nil
    ) {
      self.stream = stream
      self.group = group
      self.waiting = waiting
      self.pending = pending
      self.added = added
      self.read = read
    }
  }
}

/// Samples within bounds: when there are too many, every second one goes, and from then on only every second one of those
/// that come is taken, and so on. What is left covers all of the time, evenly.
package struct SampleSeries<Moment: Sendable>: Sendable {
  package private(set) var samples: [(moment: Moment, groups: [GroupSample.Group])] = []
  /// So many are kept at most.
  package let most: Int
  /// Every how many-th one is taken, and how many came since the last that was.
  private var (stride, skipped) = (1, 0)

  package init(most: Int = 240) { self.most = max(2, most) }

  /// - Parameter isMark: whether it is taken in any case, such as the one before the first stop.
  package mutating func add(_ groups: [GroupSample.Group], at moment: Moment, isMark: Bool = false) {
    skipped += 1
    guard isMark || skipped >= stride else { return }
    skipped = 0
    samples.append((moment, groups))
    guard samples.count > most else { return }
    // The first one is what all are compared with, and the last one is how it ended.
    let last = samples.count - 1
    samples = samples.enumerated().filter { $0.offset % 2 == 0 || $0.offset == last }.map(\.element)
    stride = min(stride + stride, 1 << 16)
  }
}
