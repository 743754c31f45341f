internal import Deployment
package import Samples
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
