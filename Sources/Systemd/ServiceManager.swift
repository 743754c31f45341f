internal import CSystemd

/// A connection to the service manager of this machine, systemd, over D-Bus: the system bus, or as root, where that does
/// not answer, systemd's private socket.
///
/// One thread at a time may use it. All calls wait, none longer than its deadline or the manager's `timeout`. Looking
/// needs no privileges, changing does. After the connection broke, the next call connects anew.
package final class ServiceManager {
  let timeout: Duration
  let jobs = JobSignals()
  private var connection: BusConnection
  /// While `atOneMoment` runs: what was read of units.
  var remembered: Remembered?

  /// What the manager said of units.
  struct Remembered {
    var details: [String: UnitDetails] = [:]
    var fileStates: [String: UnitFileState] = [:]
  }

  /// - Parameter timeout: how long the manager may take to answer one call.
  package convenience init(timeout: Duration = .seconds(25)) throws(SystemdError) {
    try self.init(timeout: timeout, connection: BusConnection.open(timeout: timeout))
  }

  /// The service manager by its private socket alone, as root: at boot it answers before the system bus does.
  package static func direct(timeout: Duration = .seconds(25)) throws(SystemdError) -> ServiceManager {
    try ServiceManager(timeout: timeout, connection: BusConnection.openPrivateSocket(timeout: timeout))
  }

  init(timeout: Duration, connection: BusConnection) throws(SystemdError) {
    self.timeout = timeout
    self.connection = connection
    try jobs.attach(to: connection)
  }

  /// Reads what it says of a unit once, however often `body` asks: many questions see one moment.
  ///
  /// - Parameters:
  ///   - units: those that will be asked for: they are read beforehand, all in one go.
  ///   - fileStates: whether it will be asked how their files are installed, which takes the manager longest.
  package func atOneMoment<Value>(
    of units: [String] = [], fileStates: Bool = true, _ body: () throws -> Value
  ) rethrows -> Value {
    guard remembered == nil else { return try body() }
    remembered = Remembered()
    // One that could not be read is asked for again, and says why.
    try? readAhead(units, fileStates: fileStates)
    defer { remembered = nil }
    return try body()
  }

  /// The open connection, with all signals that have arrived dispatched, so that they do not pile up. Jobs that ended
  /// between two connections get the result `unknown`.
  func connected() throws(SystemdError) -> BusConnection {
    if connection.isOpen { try connection.process() }
    if connection.isOpen { return connection }
    connection = try BusConnection.open(timeout: timeout)
    try jobs.attach(to: connection)
    for id in jobs.outstanding {
      let call = try connection.message("GetJob", operation: "look for job", subject: "\(id)")
      call.append(id)
      do {
        _ = try connection.call(call)
      } catch .refused(_, _, let name, _) where name == "org.freedesktop.systemd1.NoSuchJob" {
        jobs.ended(id, .unknown)
      }
    }
    return connection
  }

  /// One call to the manager and its answer.
  @discardableResult
  func call(
    _ method: String, operation: String, subject: String, within limit: Duration? = nil,
    _ arguments: (BusMessage) -> Void = { _ in }
  ) throws(SystemdError) -> BusMessage {
    let bus = try connected()
    let message = try bus.message(method, operation: operation, subject: subject)
    arguments(message)
    return try bus.call(message, timeout: limit)
  }

  /// Makes the manager read all unit files again. Returns when it has.
  package func daemonReload(within limit: Duration = .seconds(90)) throws(SystemdError) {
    try call("Reload", operation: "reload the unit files", subject: "systemd", within: limit)
  }

  /// What the manager says of itself.
  package func properties() throws(SystemdError) -> ManagerProperties {
    let names: Set = ["Version", "SystemState", "NFailedUnits", "NJobs", "UnitPath"]
    let values = try properties(
      names, interface: "org.freedesktop.systemd1.Manager", path: BusConnection.managerPath, subject: "systemd")
    guard let version = values["Version"]?.string, let state = values["SystemState"]?.string,
      let failed = values["NFailedUnits"]?.integer(UInt32.self), let jobs = values["NJobs"]?.integer(UInt32.self)
    else { throw .malformedReply(operation: "read properties", subject: "systemd") }
    return ManagerProperties(
      version: version, systemState: state, failedUnits: failed, jobs: jobs,
      unitPath: values["UnitPath"]?.strings ?? [])
  }

  /// Those of an object's properties that are wanted, in one call.
  func properties(
    _ names: Set<String>, interface: String, path: String, subject: String, within limit: Duration? = nil
  ) throws(SystemdError) -> [String: BusValue] {
    let bus = try connected()
    let message = try Self.read(interface, of: path, subject: subject, on: bus)
    return try bus.call(message, timeout: limit).properties(names)
  }

  /// - Parameter interface: empty for the properties of all interfaces that the object has (systemctl(1) asks so too).
  static func read(
    _ interface: String, of path: String, subject: String, on bus: BusConnection
  ) throws(SystemdError) -> BusMessage {
    let message = try bus.message(
      "GetAll", interface: "org.freedesktop.DBus.Properties", path: path, operation: "read properties",
      subject: subject)
    message.append(interface)
    return message
  }
}

extension ServiceManager {
  /// The names of the loaded units in these states whose name matches one of the patterns (glob(7)).
  package func units(in states: [ActiveState], matching patterns: [String]) throws(SystemdError) -> [String] {
    let reply = try call("ListUnitsByPatterns", operation: "list units", subject: "systemd") {
      $0.append(states.map(\.rawValue))
      $0.append(patterns)
    }
    guard let units = try reply.value().elements else { throw reply.malformed }
    return units.compactMap { $0.elements?.first?.string }
  }

  /// The active states of units, in their order, by one call. One that does not exist is inactive.
  package func activeStates(of units: [String]) throws(SystemdError) -> [ActiveState] {
    let reply = try call("ListUnitsByNames", operation: "list units", subject: "systemd") { $0.append(units) }
    let found = try reply.value().elements?.compactMap { $0.elements?.dropFirst(3).first?.string }
    // It leaves out what is no name of a unit.
    guard let found, found.count == units.count else { throw reply.malformed }
    return found.map(ActiveState.init(rawValue:))
  }

  /// The jobs that are queued or running: the unit, what is to be done with it, and whether that has begun.
  package func queuedJobs() throws(SystemdError) -> [(unit: String, action: String, isRunning: Bool)] {
    let reply = try call("ListJobs", operation: "list jobs", subject: "systemd")
    guard let jobs = try reply.value().elements else { throw reply.malformed }
    return jobs.compactMap { job in
      // trap: counted
      guard let parts = job.elements, parts.count >= 4, let unit = parts[1].string, let action = parts[2].string
      else { return nil }
      return (unit, action, parts[3].string == "running")
    }
  }

  /// Sends a signal to processes of a unit. Returns false when there was none, as with a unit that is not loaded.
  @discardableResult
  package func kill(
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
  package func resetFailed(_ unit: String) throws(SystemdError) {
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

/// Which processes of a unit a signal is for.
package enum KillTarget: String, Sendable, Hashable {
  /// Every process in the unit's control group.
  case all
  /// The main process alone.
  case main
  /// The control process (of `ExecStartPre=`, `ExecReload=`, …) alone.
  case control
}

/// The service manager's own state.
package struct ManagerProperties: Sendable, Hashable {
  /// Such as `252.39-1~deb12u1`.
  package var version: String
  /// `running`, `degraded` (some unit, not necessarily ours, failed), `starting`, `maintenance`, `stopping`.
  package var systemState: String
  /// The number of failed units.
  package var failedUnits: UInt32
  /// The number of queued jobs.
  package var jobs: UInt32
  /// The folders that units are looked for in, the first wins.
  package var unitPath: [String]
}
