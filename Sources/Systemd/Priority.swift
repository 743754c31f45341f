/// How much a journal entry matters (syslog(3)); the lower, the graver.
public enum Priority: Int, Sendable, Hashable, Comparable, CaseIterable {
  case emergency, alert, critical, error, warning, notice, info, debug

  public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
