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
    guard before.isActive else { return try notUp(before, bench) }
    if let reason = reasonToSkip(before) { return .skipped(because: reason) }
    guard let pipeline = Pipeline(bench.manifest), pipeline.stage(of: unit) != nil else {
      try bench.signal(unit, SIGKILL)
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

  /// A service that does not run: it should, or it comes and goes.
  private static func notUp(_ status: UnitStatus, _ bench: Bench) throws -> Verdict {
    let unit = status.unit
    let service = bench.manifest.services.first { $0.unit == unit }
    let triggers = try bench.manager.details(of: unit).related(.triggeredBy)
    let comesAndGoes =
      service?.state.map { $0 != .running } ?? (status.serviceType == "oneshot" || !triggers.isEmpty)
    if comesAndGoes, status.activeState == .inactive {
      return .skipped(because: "\(unit) is inactive, as it may be; there is nothing to kill")
    }
    return .failed(
      "\(unit) is \(status.activeState) (\(status.result ?? status.subState)), before anything was done to it",
      bench.lastLines(unit))
  }

  private static func reasonToSkip(_ status: UnitStatus) -> String? {
    let unit = status.unit
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
    let hand = Hand()
    try await hand.fill(unit, stage, bench, pipeline.wanted.within)
    let after = try await bench.kill(unit, in: before)
    let within = pipeline.wanted.within * 3
    let expected = try bench.expecting()
    let outcomes = try await trail.wait(for: hand.messages.map(\.trace), within: within) {
      $0.meets(expected)
    }
    let what = "\(unit) was killed with \(hand.work.pending) messages in hand and \(hand.work.waiting) waiting"
    return outcomes.verdict(what, expected, within: within).adding(evidence(before, after))
  }

  /// Messages of which a unit holds at least one, and has not begun it.
  private final class Hand {
    var messages: [ProbeEntry] = []
    var work = Bench.Work()

    /// Stops the unit and writes messages, until its reader holds one. Should it fail, the service is started anew.
    func fill(_ unit: String, _ stage: Pipeline.Stage, _ bench: Bench, _ within: Duration) async throws {
      for attempt in 1...3 {
        if attempt > 1 { try bench.signal(unit, SIGCONT) }
        let more = try bench.probes(5)
        messages += more
        try bench.signal(unit, SIGSTOP)
        try bench.write(more)
        try await wait(for: stage, bench, within)
        // Otherwise it was between two readings.
        if work.pending > 0 { return }
      }
    }

    /// Waits until the messages have reached the stage.
    private func wait(for stage: Pipeline.Stage, _ bench: Bench, _ within: Duration) async throws {
      let deadline = ContinuousClock.now + within
      work = try bench.inHand(stage)
      while work.pending + work.waiting < 5, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(20))
        work = try bench.inHand(stage)
      }
      guard work.pending + work.waiting > 0 else {
        throw Ending.failed(
          "nothing reached \(stage.stream) within \(within.text), so \(stage.unit) could not be killed with work in hand"
        )
      }
    }
  }

  private static func killUnderLoad(_ unit: String, _ pipeline: Pipeline, _ bench: Bench) async throws -> Verdict {
    let before = try bench.status(unit)
    let trail = try Trail(bench)
    let messages = try bench.probes(load)
    let (early, late) = (Array(messages.prefix(load / 2)), Array(messages.suffix(load - load / 2)))
    try bench.write(early)
    try bench.signal(unit, SIGKILL)
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
  ) async throws -> MessageOutcome? {
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
