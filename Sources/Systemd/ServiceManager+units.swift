extension ServiceManager {
  /// The names of the loaded units in these states whose name matches one of the patterns (glob(7)).
  public func units(in states: [ActiveState], matching patterns: [String]) throws(SystemdError) -> [String] {
    let reply = try call("ListUnitsByPatterns", operation: "list units", subject: "systemd") {
      $0.append(states.map(\.rawValue))
      $0.append(patterns)
    }
    guard let units = try reply.value().elements else { throw reply.malformed }
    return units.compactMap { $0.elements?.first?.string }
  }

  /// The jobs that are queued or running: the unit, what is to be done with it, and whether that has begun.
  public func queuedJobs() throws(SystemdError) -> [(unit: String, action: String, isRunning: Bool)] {
    let reply = try call("ListJobs", operation: "list jobs", subject: "systemd")
    guard let jobs = try reply.value().elements else { throw reply.malformed }
    return jobs.compactMap { job in
      guard let parts = job.elements, parts.count >= 4, let unit = parts[1].string, let action = parts[2].string
      else { return nil }
      return (unit, action, parts[3].string == "running")
    }
  }

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
