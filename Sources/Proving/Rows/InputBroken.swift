internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Systemd
internal import Verification

/// Entries that no reader can make sense of: JSON that is cut off, JSON of the wrong kind, an entry of something else.
enum InputBroken: Row {
  static let id = "input.broken"
  static let claim = "bad JSON ends no process, blocks nothing behind it, and is kept as a dead letter"

  static func subjects(of manifest: Manifest) -> Subjects { .stages(of: manifest) }

  static func prove(_ unit: String, on bench: Bench) async throws -> Verdict {
    let pipeline = try bench.pipeline()
    try bench.requireRunning(bench.pipelineUnits())
    let within = pipeline.wanted.within
    var written: [JSONValue] = []
    var letters = 0
    var control: [MessageOutcome] = []
    for stage in pipeline.stages where stage.unit == unit {
      let before = try bench.status(unit)
      let deadLetters = try DeadLetterTail(bench)
      let trail = try Trail(bench)
      let broken = try messages(for: stage, pipeline, bench)
      let ids = try bench.write(broken, to: stage.stream)
      written += ids.map { .string("\(stage.stream) \($0)") }
      let probes = try bench.probes(1)
      try bench.write(probes)
      let expected = try bench.expecting()
      control = try await trail.wait(for: probes.map(\.trace), within: within * 2) { $0.meets(expected) }
      let evidence = control.evidence().merging(["broken": .array(written)]) { own, _ in own }
      let what = "\(ids.count) broken entries were written to \(stage.stream)"
      let after = try bench.status(unit)
      guard after.invocationID == before.invocationID, after.isActive, after.mainPID == before.mainPID else {
        return .failed(
          "\(what), and \(unit) ended: it is \(after.activeState) in another run; an entry must never end its reader",
          evidence.merging(bench.lastLines(unit)) { _, lines in lines })
      }
      guard control.allSatisfy({ $0.meets(expected) }) else {
        return control.verdict("\(what), then a good message", expected, within: within * 2)
      }
      if let stuck = try await stuck(ids, stage, bench, within) {
        return .failed(
          "\(what): \(stuck) is still pending after \(within.text), neither acknowledged nor a dead letter", evidence)
      }
      let buried = try await deadLetters.wait(for: ids, within: within)
      guard buried == nil || buried == ids.count else {
        return .failed(
          "\(what): \(buried ?? 0) of them are in \(bench.manifest.verify.deadLetters.joined(separator: ", ")); the others"
            + " vanished without a trace", evidence)
      }
      letters += buried ?? 0
    }
    let kept =
      bench.manifest.verify.deadLetters.isEmpty
      ? "the manifest names no stream of dead letters, so where they are kept is not proved"
      : "\(letters) of them are dead letters"
    return .proved(
      "\(written.count) broken entries were written: \(unit) is the same run, the message behind them came out, \(kept)",
      control.evidence().merging(["broken": .array(written)]) { own, _ in own })
  }

  /// Entries like good ones of the stage, each broken in one way.
  private static func messages(
    for stage: Pipeline.Stage, _ pipeline: Pipeline, _ bench: Bench
  ) throws -> [ProbeEntry] {
    let good = try bench.probes(2)
    let isJSON = { (field: Field) in field.value.hasPrefix("{") }
    var broken: [ProbeEntry] = []
    for (probe, value) in zip(good, ["{\"symbol\": \"BTC", "[1, 2]"]) where probe.fields.contains(where: isJSON) {
      var probe = probe
      for index in probe.fields.indices where isJSON(probe.fields[index]) { probe.fields[index].value = value }
      broken.append(probe)
    }
    broken.append(ProbeEntry(trace: "", fields: [Field("qtctl-prove", "an entry of something else")]))
    return broken
  }

  /// One of the entries that is still pending when the time is up.
  private static func stuck(
    _ ids: [String], _ stage: Pipeline.Stage, _ bench: Bench, _ within: Duration
  ) async throws -> String? {
    let connection = try bench.connect()
    defer { connection.close() }
    let deadline = ContinuousClock.now + within
    while true {
      let pending = try bench.groups(of: stage).flatMap { try connection.ask($0.pendingEntries(limit: 1000)) }
      guard let held = pending.first(where: { ids.contains($0.id) }) else { return nil }
      guard ContinuousClock.now < deadline else { return held.id }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}

/// The streams of dead letters since a moment.
private struct DeadLetterTail {
  private let connection: Connection
  private let starts: [(stream: String, place: String)]

  init(_ bench: Bench) throws {
    let connection = try bench.connect()
    self.connection = connection
    starts = try bench.manifest.verify.deadLetters.map { name in
      (name, try connection.ask(Stream(name).newest(limit: 1)).first?.id ?? "0-0")
    }
  }

  /// How many of the entries are named in dead letters; `nil` where the manifest has no such stream.
  func wait(for ids: [String], within limit: Duration) async throws -> Int? {
    guard !starts.isEmpty else { return nil }
    let deadline = ContinuousClock.now + limit
    while true {
      let letters = try starts.flatMap {
        try connection.ask(Stream($0.stream).range(from: "(" + $0.place, limit: 1000))
      }
      let found = ids.count { id in letters.contains { $0.fields?.contains { $0.value.contains(id) } ?? false } }
      guard found < ids.count, ContinuousClock.now < deadline else { return found }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
