internal import Deployment

/// What a stream of dead letters holds behind a mark, as one script saw it in one instant.
struct DeadLetterView: Sendable, Equatable {
  /// Whether the key is of another type, by Redis' name for it. A stream that does not exist has no entries.
  var otherType: String?
  /// The present end.
  var mark: DeadLetterMark
  /// How many came behind the mark.
  var new: Count = .exactly(0)
  /// How many came before the mark in as long a time, or in ``DeadLetterScript/memory`` where that is longer.
  var before: Count = .exactly(0)
  /// How many came before the mark in just as long a time.
  var justBefore: Count = .exactly(0)
  /// The reason in the newest entry; `nil` where it names none.
  var reason: String?
  /// The source in the newest entry.
  var source: String?
}
