/// How a service ends.
public enum ExitStatus: Int32, Sendable {
  /// Asked to stop, and stopped with nothing in hand.
  case done = 0
  /// `--check` refused the configuration, or an error that a new start may mend.
  case failure = 1
  /// A later process of the same service has taken over.
  case overtaken = 75
  /// The configuration, or what an operator has to decide, keeps it from working; starting again does not help.
  case configuration = 78
}
