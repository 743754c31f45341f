internal import Basics
internal import Deployment
internal import EventBus
internal import Glibc
internal import Redis
internal import Systemd
internal import Verification

extension Bench {
  /// How long a unit may take to come back, beside what its unit file says.
  private static let grace = Duration.seconds(15)

  func status(_ unit: String) throws -> UnitStatus { try manager.status(of: unit) }

  /// Fails the row unless these units run.
  func requireRunning(_ units: [String]) throws {
    for unit in units {
      let status = try status(unit)
      guard status.isActive else {
        throw Ending.failed(
          "\(unit) is \(status.activeState) (\(status.result ?? status.subState)), before anything was done to it",
          lastLines(unit))
      }
    }
  }

  /// The last lines of a unit's log, as evidence: a log in the machine is gone with it.
  func lastLines(_ unit: String) -> Verdict.Evidence {
    let lines = try? JournalReader().last(5, JournalQuery(units: [unit], includesManager: true)).map(\.message)
    return ["log": .array((lines ?? []).map { .string(String($0.prefix(300))) })]
  }

  /// The units of the pipeline.
  func pipelineUnits() throws -> [String] { try pipeline().stages.map(\.unit).uniqued() }

  /// Sends a signal to every process of a unit.
  func signal(_ unit: String, _ number: Int32) throws { try manager.kill(unit, signal: number) }

  /// Stops or starts a unit, and fails the row where that does not come to an end.
  func perform(_ action: JobAction, _ unit: String) throws {
    let result = try manager.perform(action, unit, within: .seconds(100))
    guard result == .done else {
      throw Ending.failed("\(unit) did not \(action.rawValue): \(result)", lastLines(unit))
    }
  }

  func restart(_ unit: String) throws {
    let limit = manifest.services.first { $0.unit == unit }?.ready ?? .seconds(60)
    let result = try manager.perform(.restart, unit, within: limit + Self.grace)
    guard result == .done else { throw Ending.failed("\(unit) did not start again: \(result)", lastLines(unit)) }
  }

  /// Kills every process of a unit and waits until systemd has brought it back.
  func kill(_ unit: String, in before: UnitStatus) async throws -> UnitStatus {
    try signal(unit, SIGKILL)
    return try await waitForNewRun(unit, after: before)
  }

  /// Waits until a unit is up in another run than before.
  ///
  /// - Throws: `Ending`, a failure, where systemd does not bring it back.
  func waitForNewRun(_ unit: String, after before: UnitStatus) async throws -> UnitStatus {
    let service = manifest.services.first { $0.unit == unit }
    let limit = (before.restartDelay ?? .zero) + (service?.ready ?? before.timeoutStart ?? .seconds(30)) + Self.grace
    let deadline = ContinuousClock.now + min(limit, .seconds(75))
    var now = try status(unit)
    while ContinuousClock.now < deadline {
      if now.isActive, now.invocationID != before.invocationID { return now }
      if now.activeState == .failed { break }
      try await Task.sleep(for: .milliseconds(50))
      now = try status(unit)
    }
    throw Ending.failed(
      "\(unit) was killed and did not come back: it is \(now.activeState) (\(now.result ?? now.subState)), though its unit"
        + " file says Restart=\(before.restart ?? "no")", lastLines(unit))
  }

  /// The groups of a stage: those of the manifest, else all that its stream has.
  func groups(of stage: Pipeline.Stage) throws -> [Group] {
    if !stage.groups.isEmpty { return stage.groups.map { Group($0, of: stage.stream) } }
    let connection = try connect()
    defer { connection.close() }
    return try connection.ask(Stream(stage.stream).groups).map { Group($0.name, of: stage.stream) }
  }

  /// What lies before a stage: entries that are delivered and not acknowledged, and those that wait for a reader.
  struct Work: Sendable {
    var pending = 0
    var waiting = 0
  }

  func inHand(_ stage: Pipeline.Stage) throws -> Work {
    let connection = try connect()
    defer { connection.close() }
    let names = Set(try groups(of: stage).map(\.name))
    let found = try connection.ask(Stream(stage.stream).groups).filter { names.contains($0.name) }
    return Work(pending: found.map(\.pending).max() ?? 0, waiting: found.compactMap(\.lag).max() ?? 0)
  }

  /// Runs the checks of the manifest that need no probe until they pass.
  ///
  /// - Throws: `Ending`, a failure, where they do not within the time.
  func requireHealth(after fault: String, within limit: Duration = .seconds(15)) async throws {
    var verify = manifest.verify
    verify.duplicates = nil
    verify.deadLetters = []
    let running = try manifest.services.filter { $0.severity == .fail }.map(\.unit).filter { try status($0).isActive }
    let subject = VerificationSubject(units: running, verify: verify, redis: redis)
    let deadline = ContinuousClock.now + limit
    while true {
      let results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero, probe: false)).run()
      guard let failure = results.failures.first else { return }
      guard ContinuousClock.now < deadline else {
        throw Ending.failed(
          "\(fault), and then \(failure.id) of \(failure.subject) failed: \(failure.detail)", failure.evidence)
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// Brings the services back to where the next row can begin: nothing pending, nothing waiting, every unit in a new run.
  func reset() throws {
    let units = try manifest.services.map(\.unit).filter { unit in
      let status = try status(unit)
      return status.serviceType != nil && (!status.activeState.isDown || status.activeState == .failed)
    }
    for unit in units.reversed() { _ = try manager.perform(.stop, unit, within: .seconds(100)) }
    // Where Redis does not answer, the services are started all the same.
    try? emptyGroups()
    for unit in units {
      try manager.resetFailed(unit)
      _ = try manager.perform(.start, unit, within: .seconds(100))
    }
  }

  private func emptyGroups() throws {
    guard let pipeline = Pipeline(manifest) else { return }
    let connection = try connect()
    defer { connection.close() }
    for stage in pipeline.stages {
      for group in try groups(of: stage) {
        try group.setCursor(to: "$", on: connection)
        while case let held = try connection.ask(group.pendingEntries(limit: 1000)), !held.isEmpty {
          try group.acknowledge(held.map(\.id), on: connection)
        }
      }
    }
  }
}
