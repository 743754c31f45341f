/// What was already wrong before a transaction, and how far everything had come, so that a release is not blamed for
/// it: it then only warns, and fails when it has become worse.
///
/// Only facts are excused that a new release does not fix by itself: entries lost or forgotten, groups left behind, a
/// stream of dead letters that grew before. That work is done and that services run is always required.
package struct Baseline: Sendable, Hashable, Codable {
  package var streams: [String: Stream]
  /// By stream.
  package var deadLetters: [String: DeadLetterMark]
  /// The latest loss of Redis that nobody had accepted; nil in journals of earlier versions too.
  package var loss: Int64?
  /// By name; `nil` where the units were not looked at, as in a journal of an earlier version.
  package var units: [String: Unit]?

  package struct Unit: Sendable, Hashable, Codable {
    /// From good to bad.
    package enum Condition: Int, Sendable, Hashable, Codable, Comparable {
      case sound, crashLooping, failed

      package static func < (left: Condition, right: Condition) -> Bool { left.rawValue < right.rawValue }
    }

    package var condition: Condition
    /// In systemd's words, for a message.
    package var state: String
    /// Whether it was up, or on its way up.
    package var isUp: Bool

    package init(condition: Condition, state: String, isUp: Bool) {
      self.condition = condition
      self.state = state
      self.isUp = isUp
    }
  }

  package struct Stream: Sendable, Hashable, Codable {
    /// The groups that the manifest names.
    package var groups: [String: Group]
    /// Of the others, how many entries are pending where any are.
    package var others: [String: Int]

    package init(groups: [String: Group] = [:], others: [String: Int] = [:]) {
      self.groups = groups
      self.others = others
    }
  }

  package struct Group: Sendable, Hashable, Codable {
    package var lastDelivered: EntryID
    package var pending: Int
    /// At least this many waited.
    package var waiting: Int
    /// How many entries each consumer held.
    package var held: [String: Int]
    /// At least this many were removed before they were delivered.
    package var lost: Int
    /// At least this many were removed while they were pending.
    package var gone: Int

    package init(
      lastDelivered: EntryID, pending: Int, waiting: Int, held: [String: Int], lost: Int, gone: Int
    ) {
      self.lastDelivered = lastDelivered
      self.pending = pending
      self.waiting = waiting
      self.held = held
      self.lost = lost
      self.gone = gone
    }
  }

  package init(
    streams: [String: Stream] = [:], deadLetters: [String: DeadLetterMark] = [:], units: [String: Unit]? = nil
  ) {
    self.streams = streams
    self.deadLetters = deadLetters
    self.units = units
  }

  /// For the verification of what was put back: the dead letters of a failed release do not count against the release
  /// before it.
  package func forgettingDeadLetters() -> Baseline {
    var baseline = self
    baseline.deadLetters = [:]
    return baseline
  }

  package func group(_ wanted: Manifest.ConsumerGroup) -> Group? { streams[wanted.stream]?.groups[wanted.group] }
}

/// A place in a stream of dead letters, and when it was the stream's end.
package struct DeadLetterMark: Sendable, Hashable, Codable {
  /// The last entry that was there; zero where there was none.
  package var last: EntryID
  /// By Redis' clock, in milliseconds since 1970.
  package var moment: Int

  package init(last: EntryID, moment: Int) {
    self.last = last
    self.moment = moment
  }
}
