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
  /// Starts the units, all at once, and returns when they are ready.
  ///
  /// - Parameter limits: by unit, how long it may take; where nothing is said, as its unit file says.
  /// - Throws: `UnitError.notReady`, or `UnitError.several` when more than one is not by then. The others are ready.
  func start(_ units: [String], within limits: [String: Duration]) throws
  /// Waits until nothing of the unit runs, without stopping it.
  ///
  /// - Returns: false when something still runs by then.
  func waitUntilStopped(_ unit: String, within: Duration) throws -> Bool
  /// What decides how a plan treats the unit; `nil` where the manager does not know it.
  func facts(of unit: String) throws -> UnitFacts?
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
