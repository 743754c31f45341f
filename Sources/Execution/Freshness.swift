internal import Trading

/// How old an intent may be: orders for a market that has moved on are real money lost.
package struct Freshness: Sendable, Hashable {
  /// The greatest age.
  package let most: Duration

  package init(most: Duration) {
    self.most = most
  }

  /// Why the intent is stale; nil when it is not. Its age is the greater of what its own timestamp says and what the id
  /// of its entry says, since a timestamp in the future must not keep an old entry fresh.
  func staleness(of intent: Intent, entry id: String, at now: Timestamp) -> String? {
    let age = max(now.since(intent.timestamp), Timestamp(entry: id).map(now.since) ?? .zero)
    guard age > most else { return nil }
    return "stale: \(age.components.seconds) s old, at most \(most.components.seconds) s are allowed"
  }
}
