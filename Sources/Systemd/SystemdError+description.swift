internal import Glibc

extension SystemdError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noBus(let reason):
      "cannot reach systemd: \(reason); is it PID 1 on this machine, and is dbus running?"
    case .disconnected(let operation):
      "the connection to systemd broke during '\(operation)'; ask for the state of the unit, then try again"
    case .permissionDenied(let operation, let subject):
      "not permitted: '\(operation)' on '\(subject)'; run it as root"
    case .noSuchUnit(let unit):
      "there is no unit '\(unit)'; check its name, and reload systemd when its file is new"
    case .masked(let unit):
      "the unit '\(unit)' is masked; unmask it if it is meant to run"
    case .timedOut(let operation, let subject):
      "'\(operation)' on '\(subject)' was not done in time; it may still be under way: look at the state of it first"
    case .refused(let operation, let subject, let name, let message):
      "systemd refused '\(operation)' on '\(subject)': \(message) (\(name))"
    case .malformedReply(let operation, let subject):
      "systemd answered '\(operation)' on '\(subject)' in an unknown form; is its version supported (252 and later)?"
    case .noJournal(let reason):
      "cannot read the journal: \(reason)"
    case .badField(let name):
      "'\(name)' is not a journal field; use A to Z, 0 to 9 and '_'"
    case .badCursor(let text):
      "'\(text)' is not a position in the journal; take it from an entry"
    case .failed(let operation, let subject, let errno):
      "'\(operation)' on '\(subject)' failed: \(String(cString: strerror(errno))) (errno \(errno))"
    }
  }
}
