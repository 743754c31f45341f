internal import EventBus
internal import Trading

/// How old an intent may be: orders for a market that has moved on are real money lost.
package struct Freshness: Sendable, Hashable {
  /// The greatest age.
  package let most: Duration

  package init(most: Duration) {
    self.most = most
  }

  /// That an intent is too old to be sent.
  struct Staleness: Equatable {
    let reason: String
    /// When it became too old; nothing was sent for it after that.
    let since: Timestamp

    /// The latest deadline that an order of it can have been sent with.
    func lastDeadline(window: Duration) -> Deadline {
      let end = since.adding(window)
      return Deadline(milliseconds: end.seconds * 1000 + Int64(end.nanoseconds / 1_000_000) + 1)
    }
  }

  /// Why the intent is stale; nil when it is not. Its age is the greater of what its own timestamp says and what the id
  /// of its entry says, since a timestamp in the future must not keep an old entry fresh.
  func staleness(of intent: Intent, entry id: String, at now: Timestamp) -> Staleness? {
    let entered = Timestamp(entry: id) ?? intent.timestamp
    let first = entered.since(intent.timestamp) < .zero ? entered : intent.timestamp
    let age = now.since(first)
    guard age > most else { return nil }
    let reason = "stale: \(age.components.seconds) s old, at most \(most.components.seconds) s are allowed"
    return Staleness(reason: reason, since: first.adding(most))
  }
}
