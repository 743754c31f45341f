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
