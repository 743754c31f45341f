package import Deployment

/// A unit that is to be started, and how long it may take; `nil`: as its unit file says.
package struct StartRequest: Sendable, Hashable {
  package var unit: String
  package var limit: Duration?

  package init(_ unit: String, within limit: Duration?) {
    self.unit = unit
    self.limit = limit
  }
}

/// What a deployment asks of the service manager. The real one is systemd (`SystemdControl`).
package protocol ServiceControl {
  func state(of unit: String) throws -> UnitState
  /// What decides how a plan treats the units; also of those that stop with them or would start them.
  func facts(of units: [String]) throws -> [String: UnitFacts]
  /// Who uses each of the paths: of these units, and of all that run. A path that nobody uses is left out.
  func uses(of paths: [String], by units: [String]) throws -> [String: [PathUse]]
  /// Which of the units are not down; one that cannot be asked is not known to run.
  func running(among units: [String]) -> [String]
  /// Waits until nothing of the unit runs, without stopping it.
  ///
  /// - Returns: false when something still runs by then.
  func waitUntilStopped(_ unit: String, within limit: Duration) throws -> Bool
  /// Stops the units, all at once. Whoever outlives its grace is killed.
  ///
  /// - Parameter grace: by unit, the time between SIGTERM and SIGKILL.
  /// - Returns: the units that had to be killed.
  /// - Throws: `UnitError.stillRunning` when one outlives even that.
  func stop(_ units: [String], grace: [String: Duration]) throws -> [String]
  /// Starts units, all at once, in the order that they ask for among each other (`After=`), and returns when each is ready.
  ///
  /// - Returns: what is worth a word, in sentences.
  /// - Throws: `UnitError.notReady`, or `UnitError.several` when more than one is not by then. The others are ready.
  func start(_ requests: [StartRequest]) throws -> [String]
  /// Has a running unit read its configuration again, and returns when it has.
  ///
  /// - Throws: `UnitError.notReloaded`.
  func reload(_ unit: String, within limit: Duration) throws
  /// Runs a hook in a control group of its own. Whatever it leaves running is killed.
  ///
  /// - Throws: `UnitError.interrupted`, or why it could not be started.
  func run(_ hook: HookCall) throws -> HookEnd
  /// Kills what a run of a hook has left, such as one whose qtctl has died.
  func end(_ hook: HookCall) throws
  /// Keeps units from being started by the boot that is going on.
  func hold(_ units: [String]) throws
  /// Lets units that were held be started again; there need not be any.
  func release() throws
  /// Has the manager run a command once the boot is over.
  func runAfterBoot(_ command: [String], state: String) throws
  /// Makes the manager read all unit files again.
  func reloadManager() throws
  func resetFailed(_ unit: String) throws
  /// Makes the links by which a unit starts at boot; the manager sees it after `reloadManager`.
  ///
  /// - Parameter unit: its name, or the path of its file where that lies in no folder of systemd's.
  func enable(_ unit: String) throws
  /// The files of the host's own that belong to a unit, and the places where one would be its.
  func companions(of unit: String) throws -> [UnitArtifact]
  /// Runs what only looks, and lets it see one moment of the units, however often it asks.
  ///
  /// - Parameter units: those that it will ask for.
  func atOneMoment<Value>(of units: [String], _ body: () throws -> Value) rethrows -> Value
  /// The unit that this process runs in; `nil` where it is none that could be stopped.
  func ownUnit() -> String?
  /// Has the manager run a command later, whatever becomes of this process, unless it is disarmed.
  func arm(_ alarm: RollbackWatchdog) throws
  /// Takes an alarm back, by its name; there need not be one.
  func disarm(_ alarm: String) throws
}

extension ServiceControl {
  package func running(among units: [String]) -> [String] {
    units.filter { (try? state(of: $0).stopped) == false }
  }

  package func atOneMoment<Value>(of units: [String], _ body: () throws -> Value) rethrows -> Value { try body() }

  /// Starts one unit.
  package func start(_ unit: String, within limit: Duration?) throws {
    _ = try start([StartRequest(unit, within: limit)])
  }
}
