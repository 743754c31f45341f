internal import Basics
package import Deployment
internal import Glibc
package import Systemd

/// `ServiceControl` by systemd itself, over its bus.
package final class SystemdControl: ServiceControl {
  /// How long a wait goes on before it looks whether somebody wants it to end.
  private static let slice = Duration.milliseconds(100)

  package let manager: ServiceManager
  let interruption: Interruption

  let isBooting: Bool
  /// The timers that this process has stopped.
  var pauses: [String: TimerPause] = [:]
  /// While `atOneMoment` runs: the links among the administrator's units.
  private var links: UnitLinks?

  /// - Parameter isBooting: whether what starts waits for the boot, which in turn waits for the caller. Starts are only
  ///   queued then.
  package init(_ manager: ServiceManager, interruption: Interruption = Interruption(), isBooting: Bool = false) {
    self.manager = manager
    self.interruption = interruption
    self.isBooting = isBooting
  }

  package func state(of unit: String) throws -> UnitState {
    let status = try manager.status(of: unit)
    let file = try manager.unitFileState(of: unit)
    return UnitState(
      unit: unit, load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      enablement: file == .absent ? "" : file.rawValue, fragment: status.fragmentPath, dropIns: status.dropInPaths)
  }

  package func facts(of units: [String]) throws -> [String: UnitFacts] {
    try UnitFactsReader(manager: manager).facts(of: units)
  }

  package func uses(of paths: [String], by units: [String]) throws -> [String: [PathUse]] {
    try FileUsers(manager, units: units).uses(of: paths)
  }

  package func running(among units: [String]) -> [String] {
    // By one call, as it is asked while services are down; one by one where systemd does not know them all.
    guard let states = try? manager.activeStates(of: units) else {
      return units.filter { (try? state(of: $0).stopped) == false }
    }
    return zip(units, states).filter { !UnitState.isStopped($0.1) }.map(\.0)
  }

  package func ownUnit() -> String? { OwnUnit.name }

  package func waitUntilStopped(_ unit: String, within limit: Duration) throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
      let end = min(deadline, .now + Self.slice)
      if try manager.wait(for: unit, until: end, where: { $0.activeState.isDown }) != nil { return true }
      if deadline <= .now { return false }
      try interruption.check()
    }
  }

  package func stop(_ units: [String], grace: [String: Duration]) throws -> [String] {
    for unit in units where unit.hasSuffix(".timer") { pauses[unit] = try TimerPause(manager.details(of: unit)) }
    let start = ContinuousClock.now
    // Those that are after others stop before them.
    let order = Array(try JobOrder(units, manager).ordered.reversed())
    let jobs = try queue(.stop, order).compactMap { unit, job -> (unit: String, job: Job)? in
      do throws(SystemdError) {
        return (unit, try job.get())
      } catch .noSuchUnit {
        // What is not loaded does not run.
        return nil
      }
    }
    var killed: [String] = []
    // The shortest grace first: each is over at its own time, counted from the one moment when all were asked.
    for (unit, job) in jobs.sorted(by: { grace[$0.unit] ?? .zero < grace[$1.unit] ?? .zero }) {
      let end = start + (grace[unit] ?? .seconds(10))
      if try wait(for: job, until: end) != nil { continue }
      killed.append(unit)
      try manager.kill(unit, signal: SIGKILL, whom: .all)
    }
    let alive = try outliving(killed, until: .now + .seconds(5))
    guard alive.isEmpty else { throw UnitError.stillRunning(alive) }
    return killed
  }

  /// Kills units until nothing of them runs: what is killed may be followed by an `ExecStopPost=`, which may hang in turn.
  ///
  /// - Returns: those that live at the deadline.
  private func outliving(_ units: [String], until deadline: ContinuousClock.Instant) throws -> [String] {
    var alive = units
    while true {
      let end = ContinuousClock.now + .milliseconds(500)
      alive = try alive.filter { unit in
        try manager.wait(for: unit, until: min(end, deadline)) { UnitState.isStopped($0.activeState) } == nil
      }
      if alive.isEmpty || deadline <= .now { return alive }
      for unit in alive { try manager.kill(unit, signal: SIGKILL, whom: .all) }
    }
  }

  /// The job's result; `nil` when it had not ended by then.
  ///
  /// - Throws: `UnitError.interrupted`; the job then stays queued.
  func wait(for job: Job, until deadline: ContinuousClock.Instant) throws -> JobResult? {
    while true {
      let result = try manager.wait(for: [job], until: min(deadline, .now + Self.slice))[job]
      if result != nil || deadline <= .now { return result }
      try interruption.check()
    }
  }

  package func reloadManager() throws { try manager.daemonReload() }
  package func resetFailed(_ unit: String) throws { try manager.resetFailed(unit) }
  package func enable(_ unit: String) throws { _ = try manager.enable([unit]) }

  package func companions(of unit: String) throws -> [UnitArtifact] {
    try UnitCompanions(unit, links: links ?? UnitLinks()).all(
      environmentFiles: manager.status(of: unit).environmentFiles.map(\.path))
  }

  package func atOneMoment<Value>(of units: [String], _ body: () throws -> Value) rethrows -> Value {
    guard links == nil else { return try body() }
    links = UnitLinks()
    defer { links = nil }
    return try manager.atOneMoment(of: units, body)
  }

  package func arm(_ alarm: RollbackWatchdog) throws {
    let again = alarm.name + "-blind.service"
    let job = try manager.startTransient(
      alarm.name + ".timer",
      [
        .text("Description", "Undo a qtctl transaction whose process is gone or hangs"),
        .timer("OnActiveSec", alarm.after),
        .duration("AccuracyUSec", .milliseconds(500)), .text("CollectMode", "inactive-or-failed"),
      ],
      beside: [
        alarm.name + ".service": Self.recovery(alarm.command, alarm) + [.texts("OnFailure", [again])],
        again: Self.recovery(alarm.fallback, alarm),
      ])
    guard try wait(for: job, until: .now + .seconds(10)) == .done else {
      throw UnitError.notReady(unit: alarm.name + ".timer", why: "the service manager did not start it")
    }
    // It watches from now on; should it be ended, the timer starts it again when the time is up.
    _ = try manager.enqueue(.start, alarm.name + ".service")
  }

  private static func recovery(_ command: [String], _ alarm: RollbackWatchdog) -> [TransientProperty] {
    [
      .text("Description", "Undo a qtctl transaction whose process is gone or hangs"), .text("Type", "exec"),
      .duration("RuntimeMaxUSec", alarm.after + .seconds(600)),
      .text("CollectMode", "inactive-or-failed"), .texts("Environment", alarm.environment),
      .command(ExecCommand(directive: "ExecStart", path: command.first ?? "", arguments: command)),
    ]
  }

  package func disarm(_ alarm: String) throws {
    do {
      _ = try manager.enqueue(.stop, alarm + ".timer")
      // The watchdog itself may be what has recovered; it ends by itself then.
      guard try manager.status(of: alarm + ".service").mainPID != getpid() else { return }
      _ = try manager.enqueue(.stop, alarm + ".service")
    } catch .noSuchUnit {
      return
    }
  }
}

extension UnitState {
  fileprivate static func isStopped(_ state: ActiveState) -> Bool { state == .inactive || state == .failed }
}
