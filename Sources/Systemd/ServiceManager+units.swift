extension ServiceManager {
  /// Sends a signal to processes of a unit. Returns false when there was none, as with a unit that is not loaded.
  @discardableResult
  public func kill(
    _ unit: String, signal: Int32, whom: KillTarget = .all
  ) throws(SystemdError) -> Bool {
    do {
      try call("KillUnit", operation: "kill", subject: unit) {
        $0.append(unit)
        $0.append(whom.rawValue)
        $0.append(signal)
      }
      return true
    } catch .noSuchUnit {
      return false
    } catch .refused(_, _, let name, _) where Self.noProcess.contains(name) {
      return false
    }
  }

  /// Forgets that a unit failed, how often it was restarted and its start limit. A unit that is not loaded has nothing
  /// to forget.
  public func resetFailed(_ unit: String) throws(SystemdError) {
    do {
      try call("ResetFailedUnit", operation: "reset-failed", subject: unit) { $0.append(unit) }
    } catch .noSuchUnit {
      return
    }
  }

  private static let noProcess: Set = [
    "org.freedesktop.systemd1.NoSuchProcess", "org.freedesktop.DBus.Error.UnixProcessIdUnknown", "System.Error.ESRCH",
  ]
}
