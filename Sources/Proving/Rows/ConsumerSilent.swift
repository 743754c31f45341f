internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Systemd
internal import Verification

/// Another consumer of the group took messages and was never heard of again, as after the loss of a host.
enum ConsumerSilent: Row {
  static let id = "consumer.silent"
  static let claim = "what a consumer that fell silent held is taken over and done once"
  static let awaitsTakeover = true
  private static let name = "qtctl-prove-silent"

  static func subjects(of manifest: Manifest) -> Subjects { .stages(of: manifest) }

  static func prove(_ unit: String, on bench: Bench) async throws -> Verdict {
    let pipeline = try bench.pipeline()
    try bench.requireRunning(bench.pipelineUnits())
    guard let stage = pipeline.stage(of: unit) else { return .skipped(because: "\(unit) reads no stream") }
    guard let group = try bench.groups(of: stage).first else {
      return .skipped(because: "\(stage.stream) has no consumer group, so there is nothing to take over")
    }
    let trail = try Trail(bench)
    let messages = try bench.probes(3)
    let traces = messages.map(\.trace)
    try bench.perform(.stop, unit)
    let connection = try bench.connect()
    defer {
      _ = try? connection.call(["XGROUP", "DELCONSUMER", group.stream, group.name, name])
      connection.close()
    }
    try bench.write(messages)
    let taken = try await take(messages.count, from: group, pipeline.wanted.within, connection)
    try bench.perform(.start, unit)
    let expected = try bench.expecting()
    let outcomes = try await trail.wait(for: traces, within: bench.options.takeover) { $0.meets(expected) }
    return outcomes.verdict(
      "\(taken) messages were held by a consumer of \(group.name) that is silent, and \(unit) was started", expected,
      within: bench.options.takeover)
  }

  /// Takes the messages as a consumer that does nothing with them, and makes them look as if it had had them for an hour.
  private static func take(
    _ count: Int, from group: Group, _ within: Duration, _ connection: Connection
  ) async throws -> Int {
    var ids: [String] = []
    let deadline = ContinuousClock.now + within
    while ids.count < count, ContinuousClock.now < deadline {
      ids += try group.readNew(as: name, limit: count - ids.count, block: .milliseconds(200), on: connection).map(\.id)
    }
    guard !ids.isEmpty else {
      throw Ending.failed("nothing reached \(group.stream) within \(within.text), so no consumer could hold it")
    }
    try connection.call(
      Command(["XCLAIM", group.stream, group.name, name, "0"] + ids + ["IDLE", "3600000", "JUSTID"]))
    return ids.count
  }
}
