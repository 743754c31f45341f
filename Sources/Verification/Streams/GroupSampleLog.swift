package import Deployment
internal import Synchronization

/// Takes down how the groups stood, whenever one of the looks of a transaction sees them; bounded, and never in anybody's
/// way.
package final class GroupSampleLog: Sendable {
  private let series = Mutex(SampleSeries<ContinuousClock.Instant>())

  package init() {}

  /// In the order of time.
  ///
  /// - Parameter origin: the transaction's first step.
  package func samples(since origin: ContinuousClock.Instant) -> [GroupSample] {
    let all = series.withLock { $0.samples }.sorted { $0.moment < $1.moment }
    return all.map { sample in
      let milliseconds = ((sample.moment - origin) / .milliseconds(1)).rounded()
      return GroupSample(at: max(0, milliseconds / 1000), groups: sample.groups)
    }
  }

  /// - Parameter isMark: whether it is kept whatever else is seen.
  func add(_ view: RedisView, _ wanted: [Manifest.ConsumerGroup], isMark: Bool = true) {
    let groups = wanted.compactMap { GroupSample.Group($0, view) }
    guard !groups.isEmpty else { return }
    let now = ContinuousClock.now
    series.withLock { $0.add(groups, at: now, isMark: isMark) }
  }
}

extension GroupSample.Group {
  /// - Returns: `nil` where the stream or the group does not exist.
  init?(_ wanted: Manifest.ConsumerGroup, _ view: RedisView) {
    guard case .success(.stream(let stream))? = view.keys[wanted.stream], let group = stream.group(wanted.group) else {
      return nil
    }
    self.init(
      stream: wanted.stream, group: wanted.group, waiting: group.waiting.least, pending: group.pending,
      added: stream.added, read: group.read)
  }
}

/// Samples within bounds: when there are too many, every second one goes, and from then on only every second one of those
/// that come is taken, and so on. What is left covers all of the time, evenly.
struct SampleSeries<Moment: Sendable>: Sendable {
  private(set) var samples: [(moment: Moment, groups: [GroupSample.Group])] = []
  /// So many are kept at most.
  let most: Int
  /// Every how many-th one is taken, and how many came since the last that was.
  private var (stride, skipped) = (1, 0)

  init(most: Int = 240) { self.most = max(2, most) }

  /// - Parameter isMark: whether it is taken in any case, such as the one before the first stop.
  mutating func add(_ groups: [GroupSample.Group], at moment: Moment, isMark: Bool = false) {
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
