internal import Glibc

/// Why systemd could not be asked, or did not do what it was asked. Each case says what failed and on what; `description`
/// adds what to do next. Nothing here is the result of a job: see `JobResult`.
package enum SystemdError: Error, Sendable, Hashable {
  /// The service manager cannot be reached: systemd is not PID 1, or neither its bus nor its private socket answers.
  case noBus(reason: String)
  /// The connection broke. The request may or may not have been carried out; the next call connects anew.
  case disconnected(operation: String)
  /// The caller may not do this.
  case permissionDenied(operation: String, subject: String)
  /// No unit, or no unit file, has this name.
  case noSuchUnit(String)
  /// The unit is masked and cannot be started.
  case masked(unit: String)
  /// The manager did not answer in time. The request may or may not be carried out.
  case timedOut(operation: String, subject: String)
  /// The manager refused; `name` is the D-Bus error's, such as `org.freedesktop.systemd1.BadUnitSetting`.
  case refused(operation: String, subject: String, name: String, message: String)
  /// The manager's answer was not in the form that its interface promises.
  case malformedReply(operation: String, subject: String)
  /// No journal can be read.
  case noJournal(reason: String)
  /// A field's name is not one that the journal knows: A to Z, 0 to 9 and `_`, at most 64 of them.
  case badField(String)
  /// A cursor or an identifier that the journal does not understand.
  case badCursor(String)
  /// A call of libsystemd or of the kernel failed with this `errno`.
  case failed(operation: String, subject: String, errno: Int32)
}

extension SystemdError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noBus(let reason):
      "cannot reach systemd: \(reason); is it PID 1 on this machine, and is dbus running?"
    case .disconnected(let operation):
      "the connection to systemd broke during '\(operation)'; check the unit's state, then try again"
    case .permissionDenied(let operation, let subject):
      "permission denied: '\(operation)' on '\(subject)'; run this command as root"
    case .noSuchUnit(let unit):
      "there is no unit '\(unit)'; check its name, and run 'systemctl daemon-reload' if its file is new"
    case .masked(let unit):
      "the unit '\(unit)' is masked; unmask it if it is meant to run"
    case .timedOut(let operation, let subject):
      "'\(operation)' on '\(subject)' did not end in time and may still be running; check the unit's state first"
    case .refused(let operation, let subject, let name, let message):
      "systemd refused '\(operation)' on '\(subject)': \(message) (\(name))"
    case .malformedReply(let operation, let subject):
      "systemd answered '\(operation)' on '\(subject)' in an unknown form; versions 252 and later are supported"
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

extension SystemdError {
  /// The error for a D-Bus error's name, as the manager's and the bus's own errors are called.
  static func named(
    _ name: String, message: String, operation: String, subject: String
  ) -> SystemdError {
    switch name {
    case "org.freedesktop.systemd1.NoSuchUnit":
      .noSuchUnit(subject)
    case "org.freedesktop.systemd1.UnitMasked":
      .masked(unit: subject)
    case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.AuthFailed",
      "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "System.Error.EPERM", "System.Error.EACCES":
      .permissionDenied(operation: operation, subject: subject)
    case "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.TimedOut",
      "org.freedesktop.DBus.Error.NoReply", "System.Error.ETIMEDOUT":
      .timedOut(operation: operation, subject: subject)
    case "org.freedesktop.DBus.Error.Disconnected", "System.Error.ECONNRESET", "System.Error.ENOTCONN":
      .disconnected(operation: operation)
    case "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.ServiceUnknown",
      "org.freedesktop.DBus.Error.NoServer":
      .noBus(reason: message)
    default:
      .refused(operation: operation, subject: subject, name: name, message: message)
    }
  }
}
