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

/// The alarm that goes off when the process of a transaction is gone or hangs past its deadline, and has the service
/// manager run `qtctl recover` in its stead. Armed before the first stop, disarmed at the outcome.
package struct RollbackWatchdog: Sendable, Hashable {
  /// The units' name without its suffix; that of the transaction, so that no alarm ever meets another transaction.
  package var name: String
  /// Absolute.
  package var command: [String]
  /// `NAME=value`.
  package var environment: [String]
  package var after: Duration

  /// What a healthy transaction may need beyond what its manifest grants: reloading, looking, writing.
  package static let margin = Duration.seconds(10)

  /// - Parameters:
  ///   - program: the qtctl that is run, absolute.
  ///   - state: the folder of qtctl's state.
  package init(name: String, program: String, state: String, after: Duration) {
    self.name = name
    command = [program, "recover", "--dead-man", name]
    environment = ["QTCTL_STATE=" + state]
    self.after = after
  }

  /// The name of the watchdog of the transaction that a process began at a time (whole seconds since 1970).
  package static func name(pid: Int32, started: Int) -> String { "qtctl-dead-man-\(pid)-\(started)" }
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
