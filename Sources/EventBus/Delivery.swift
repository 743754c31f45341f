public import Redis

/// An entry in the hands of a consumer, pending until it is acknowledged.
public struct Delivery: Sendable, Hashable {
  public let entry: Entry
  /// How often the entry has been delivered, this time included; 1 is the first time.
  public let deliveries: Int

  public init(_ entry: Entry, deliveries: Int = 1) {
    self.entry = entry
    self.deliveries = deliveries
  }
}

/// What a handler made of one entry.
public enum Outcome: Sendable, Hashable {
  /// The handler has acknowledged the entry itself, in the script that took its effect.
  case settled
  /// To be acknowledged: nothing is left to do.
  case acknowledge
  /// Can never be processed: recorded as a dead letter with this reason and acknowledged, in one step.
  case deadLetter(reason: String)
  /// Cannot be processed now, through no fault of its own (an exchange that cannot be reached): it stays pending, the
  /// delivery does not count, and the consumer pauses before it goes on, oldest entry first.
  case later(reason: String)
}

/// What a consumer's loop tells its owner, who logs it, feeds a watchdog, and reports readiness.
public enum ConsumerEvent: Sendable {
  /// The loop has come round: to be told to the watchdog, as nothing else proves that the loop lives.
  case turn
  case connected
  /// Another process does the work; the loop waits for it to fall silent.
  case standingBy(StandBy)
  /// The connection broke or could not be made; the loop tries again.
  case disconnected(RedisError)
  /// The group was not there and was created.
  case groupCreated(GroupStart.Outcome)
  /// The own pending entries are drained, so the consumer is as far as before it went away.
  case ready
  /// Entries of consumers gone silent are this consumer's now.
  case claimed(ids: [String])
  /// Alarm: the entries were trimmed or deleted before anybody settled them. Each is recorded as a dead letter.
  case trimmedWhilePending(ids: [String])
  /// Alarm: so many entries, in total, were trimmed or deleted before the group had read them.
  case trimmedUnread(count: Int)
  /// A handler threw. The entries stay pending and are delivered again, one by one.
  case handlerFailed(ids: [String], error: any Error)
  case deadLettered(id: String, reason: String)
  /// Something that is needed is not there or refuses; the loop pauses, then goes on with the oldest entry. Told again at
  /// every attempt, until `moving`.
  case paused(reason: String)
  /// So many entries were dealt with, or there were none to read: whatever it paused for is over.
  case moving(entries: Int)
  /// The stop was honoured, and the loop ends.
  case stopped
}

/// Thrown by a consumer's `prepare`: another process does the work, so this one waits and is prepared again.
public struct StandBy: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is waited for, in words.
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public var description: String { reason }
}

/// A fault of a handler's owner.
public enum ConsumerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The handler gave another number of outcomes than it was given deliveries.
  case outcomes(expected: Int, got: Int)

  public var description: String {
    switch self {
    case .outcomes(let expected, let got):
      "the handler gave \(got) outcomes for \(expected) entries; it must give one for each, in their order"
    }
  }
}
