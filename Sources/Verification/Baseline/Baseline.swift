internal import Deployment

/// What was already wrong before a transaction, and how far everything had come, so that it is not laid to the charge of
/// a release: it then warns, and fails only when it has become worse.
///
/// Only facts are excused that a new release does not mend by itself: entries lost or forgotten, groups left behind, a
/// stream of dead letters that grew before. That work is done and that services run is always asked for.
public struct Baseline: Sendable, Hashable, Codable {
  var streams: [String: Stream] = [:]
  /// By stream.
  var deadLetters: [String: DeadLetterMark] = [:]

  struct Stream: Sendable, Hashable, Codable {
    /// The groups that the manifest names.
    var groups: [String: Group] = [:]
    /// Of the others, how many entries are pending where any are.
    var others: [String: Int] = [:]
  }

  struct Group: Sendable, Hashable, Codable {
    var lastDelivered: EntryID
    var pending: Int
    /// At least so many waited.
    var waiting: Int
    /// How many entries each consumer held.
    var held: [String: Int]
    /// At least so many were removed before they were delivered.
    var lost: Int
    /// At least so many were removed while they were pending.
    var gone: Int
  }

  /// For the proof of what was put back: what a failed release has buried is not charged to the one before it.
  public func forgettingDeadLetters() -> Baseline {
    var baseline = self
    baseline.deadLetters = [:]
    return baseline
  }

  func group(_ wanted: Manifest.ConsumerGroup) -> Group? { streams[wanted.stream]?.groups[wanted.group] }
}

/// A place in a stream of dead letters, and when it was its end.
struct DeadLetterMark: Sendable, Hashable, Codable {
  /// The last entry that was there; zero where there was none.
  var last: EntryID
  /// By Redis' clock, in milliseconds since 1970.
  var moment: Int
}
