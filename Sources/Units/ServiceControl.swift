package import Deployment

/// What a deployment asks of the service manager. The real one is systemd (`SystemdControl`).
package protocol ServiceControl {
  func state(of unit: String) throws -> UnitState
  /// Stops the units, all at once. Whoever outlives its grace is killed.
  ///
  /// - Parameter grace: by unit, the time between SIGTERM and SIGKILL.
  /// - Returns: the units that had to be killed.
  /// - Throws: `UnitError.stillRunning` when one outlives even that.
  func stop(_ units: [String], grace: [String: Duration]) throws -> [String]
  /// Starts a unit and returns when it is ready.
  ///
  /// - Throws: `UnitError.notReady` when it is not by then.
  func start(_ unit: String, within: Duration) throws
  /// Makes the manager read all unit files again.
  func reloadManager() throws
  func resetFailed(_ unit: String) throws
  /// Makes the links by which a unit starts at boot; the manager sees it after `reloadManager`.
  func enable(_ unit: String) throws
  /// The files of the host's own that belong to a unit, and the places where one would be its.
  func companions(of unit: String) throws -> [Companion]
  /// Has the manager run a command later, whatever becomes of this process, unless it is disarmed.
  func arm(_ alarm: RollbackWatchdog) throws
  /// Takes an alarm back, by its name; there need not be one.
  func disarm(_ alarm: String) throws
}

/// The service manager could not bring a unit where it should be.
package enum UnitError: CommandError, Hashable {
  case notReady(unit: String, why: String)
  case stillRunning([String])

  package var exitStatus: ExitStatus { .unhealthy }

  package var description: String {
    switch self {
    case .notReady(let unit, let why):
      "\(unit) did not become ready: \(why); see 'qtctl logs \(unit)'"
    case .stillRunning(let units):
      "\(units.joined(separator: ", ")) still running after SIGKILL; look for processes in uninterruptible sleep with "
        + "'ps -eo pid,stat,cmd | grep \" D\"'"
    }
  }
}
