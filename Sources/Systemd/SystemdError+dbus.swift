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
