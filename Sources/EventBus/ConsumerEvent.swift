public import Redis

/// What a consumer's loop tells its owner, who logs it, feeds a watchdog, and reports readiness.
public enum ConsumerEvent: Sendable {
  /// The loop has come round: to be told to the watchdog, as nothing else proves that the loop lives.
  case turn
  case connected
  /// Another process does the work; the loop waits for it to fall silent.
  case standingBy(StandBy)
  /// The connection broke or could not be made; the loop tries again.
  case disconnected(RedisError)
  /// The group was not there and was created, at the stream's beginning.
  case groupCreated
  /// The own pending entries are drained, so the consumer is as far as before it went away.
  case ready
  /// Entries of consumers gone silent are this consumer's now.
  case claimed(ids: [String])
  /// Alarm: the entry was trimmed or deleted before anybody settled it. Recorded as a dead letter.
  case trimmedWhilePending(id: String)
  /// A handler threw. The entries stay pending and are delivered again, one by one.
  case handlerFailed(ids: [String], error: any Error)
  case deadLettered(id: String, reason: String)
  /// Something that is needed is not there; the loop pauses, then goes on with the oldest entry.
  case paused(reason: String)
  /// The stop was honoured, and the loop ends.
  case stopped
}
