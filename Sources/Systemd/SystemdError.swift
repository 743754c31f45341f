/// Why systemd could not be asked, or did not do what it was asked. Each case says what failed and on what; `description`
/// adds what to do next. Nothing here is the result of a job: see `JobResult`.
public enum SystemdError: Error, Sendable, Hashable {
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
