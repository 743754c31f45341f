internal import Basics
internal import Deployment
internal import EventBus
internal import Glibc
internal import Redis
internal import Systemd
internal import Verification

/// A service that is killed comes back, and what it had in hand is neither lost nor done twice.
///
/// The work is in its hands for certain: its processes are stopped first, so that Redis hands the next entries to the
/// reader that waits, and none of them is begun. Then it is killed once more, in the middle of a load.
enum ServiceKilled: Row {
  static let id = "service.killed"
  static let claim = "systemd brings a service back after SIGKILL, and its work in hand is done once"
  static let limit = Duration.seconds(180)
  private static let load = 40

  static func subjects(of manifest: Manifest) -> Subjects {
    let units = manifest.services.map(\.unit).filter { $0.hasSuffix(".service") }
    return units.isEmpty ? .none(because: "the manifest has no service") : .each(units)
  }

  static func prove(_ unit: String, on bench: Bench) async throws -> Verdict {
    let before = try bench.status(unit)
    if let reason = reasonToSkip(before) { return .skipped(because: reason) }
    guard let pipeline = Pipeline(bench.manifest), pipeline.stage(of: unit) != nil else {
      try bench.manager.kill(unit, signal: SIGKILL)
      let after = try await bench.waitForNewRun(unit, after: before)
      try await bench.requireHealth(after: "\(unit) was killed")
      return .proved(
        "\(unit) was killed by SIGKILL: it is active again, and every check of the manifest passes",
        evidence(before, after))
    }
    try bench.requireRunning(bench.pipelineUnits())
    let idle = try await killWithWorkInHand(unit, pipeline, bench, before)
    guard case .proved(let text, var evidence) = idle else { return idle }
    let loaded = try await killUnderLoad(unit, pipeline, bench)
    guard case .proved(let more, let moreEvidence) = loaded else { return loaded }
    try await bench.requireHealth(after: "\(unit) was killed")
    evidence["under_load"] = .object(moreEvidence)
    return .proved("\(text). \(more)", evidence)
  }

  private static func reasonToSkip(_ status: UnitStatus) -> String? {
    let unit = status.unit
    guard status.isActive else { return "\(unit) is \(status.activeState); there is nothing to kill" }
    guard status.mainPID != nil else { return "\(unit) has no main process that could be killed" }
    switch status.restart ?? "no" {
    case "no", "on-success", "on-watchdog":
      return "the unit file of \(unit) says Restart=\(status.restart ?? "no"), so nothing brings it back after a crash;"
        + " Restart=on-failure would"
    default: return nil
    }
  }

  private static func killWithWorkInHand(
    _ unit: String, _ pipeline: Pipeline, _ bench: Bench, _ before: UnitStatus
  ) async throws -> Verdict {
    guard let stage = pipeline.stage(of: unit) else { return .skipped(because: "\(unit) reads no stream") }
    let trail = try Trail(bench)
    var messages: [ProbeEntry] = []
    var held = (pending: 0, waiting: 0)
    // A reader that was between two readings has nothing in hand yet.
    for _ in 0..<3 where held.pending == 0 {
      let more = try bench.probes(5)
      try bench.manager.kill(unit, signal: SIGSTOP)
      // Should this fail, the service is started anew.
      try bench.write(more)
      held = try await waitForWork(stage, bench, pipeline.wanted.within)
      messages += more
      if held.pending == 0 { try bench.manager.kill(unit, signal: SIGCONT) }
    }
    try bench.manager.kill(unit, signal: SIGKILL)
    let after = try await bench.waitForNewRun(unit, after: before)
    let within = pipeline.wanted.within * 3
    let expected = try bench.expecting()
    let outcomes = try await trail.wait(for: messages.map(\.trace), within: within) { $0.meets(expected) }
    let what = "\(unit) was killed with \(held.pending) messages in hand and \(held.waiting) waiting"
    let verdict = outcomes.verdict(what, expected, within: within)
    guard case .proved(let text, let found) = verdict else { return verdict }
    return .proved(text, found.merging(evidence(before, after)) { own, _ in own })
  }

  /// Waits until the messages have reached the stage.
  private static func waitForWork(
    _ stage: Pipeline.Stage, _ bench: Bench, _ within: Duration
  ) async throws -> (pending: Int, waiting: Int) {
    let deadline = ContinuousClock.now + within
    var held = try bench.inHand(stage)
    while held.pending + held.waiting < 5, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(20))
      held = try bench.inHand(stage)
    }
    guard held.pending + held.waiting > 0 else {
      throw Ending.failed(
        "nothing reached \(stage.stream) within \(within.text), so \(stage.unit) could not be killed with work in hand")
    }
    return held
  }

  private static func killUnderLoad(_ unit: String, _ pipeline: Pipeline, _ bench: Bench) async throws -> Verdict {
    let before = try bench.status(unit)
    let trail = try Trail(bench)
    let messages = try bench.probes(load)
    let (early, late) = (Array(messages.prefix(load / 2)), Array(messages.suffix(load - load / 2)))
    try bench.write(early)
    try bench.manager.kill(unit, signal: SIGKILL)
    try bench.write(late)
    _ = try await bench.waitForNewRun(unit, after: before)
    let within = pipeline.wanted.within * 3
    // The line of an end may die with the process that has just made it; the entry may not.
    let expected = try bench.expecting(afterKill: true)
    let traces = messages.map(\.trace)
    let full = try bench.expecting()
    let outcomes = try await trail.wait(for: traces, within: within) { $0.meets(full) }
    let silent = outcomes.filter { $0.meets(expected) && !$0.meets(full) }.map(\.trace)
    if let lost = try await lost(silent, trail, pipeline, bench) {
      return .failed(
        "\(unit) was killed while \(messages.count) messages were written: trace_id=\(lost.trace) had come out and was lost;"
          + " it ended only when its entry was written again", outcomes.evidence(lost))
    }
    return outcomes.verdict("It was killed again while \(messages.count) were written", expected, within: within)
  }

  /// One of the messages without a line of their end that had not ended: written again, it ends now. One that had ended
  /// is skipped as a copy.
  private static func lost(
    _ silent: [String], _ trail: Trail, _ pipeline: Pipeline, _ bench: Bench
  ) async throws -> Outcome? {
    guard !silent.isEmpty else { return nil }
    let connection = try bench.connect()
    defer { connection.close() }
    for trace in silent {
      guard let entry = try trail.entries(of: trace).first else { continue }
      _ = try Stream(pipeline.wanted.out).publish(entry.fields ?? [], on: connection)
    }
    let control = try bench.probes(1)
    try bench.write(control)
    _ = try await trail.wait(for: control.map(\.trace), within: pipeline.wanted.within) { !$0.ends.isEmpty }
    return try trail.look(silent).first { !$0.ends.isEmpty }
  }

  private static func evidence(_ before: UnitStatus, _ after: UnitStatus) -> Verdict.Evidence {
    [
      "invocation": .optional(before.invocationID), "invocation_after": .optional(after.invocationID),
      "main_pid": .optional(before.mainPID.map { Int($0) }), "main_pid_after": .optional(after.mainPID.map { Int($0) }),
      "restart": .optional(before.restart),
    ]
  }
}
