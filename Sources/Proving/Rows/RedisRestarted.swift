internal import Basics
internal import Deployment
internal import Glibc
internal import Redis
internal import Systemd
internal import Verification

/// Redis goes away for a moment while messages are under way, as with an update of its package.
enum RedisRestarted: Row {
  static let id = "redis.restarted"
  static let claim = "a restart of Redis loses no message and doubles none, and the services go on"
  static let limit = Duration.seconds(120)

  static func subjects(of manifest: Manifest) -> Subjects {
    manifest.effectiveRedis == nil ? .none(because: "the manifest names no Redis") : .each(["redis"])
  }

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    guard let unit = try redisUnit(bench) else {
      return .skipped(
        because: "no running service of this machine is a Redis (redis-server.service, valkey-server.service)")
    }
    guard let pipeline = Pipeline(bench.manifest) else {
      try bench.restart(unit)
      try await bench.requireHealth(after: "\(unit) was restarted", within: .seconds(30))
      return .proved("\(unit) was restarted: every check of the manifest passes again", [:])
    }
    try bench.requireRunning(bench.pipelineUnits())
    let (trail, within) = (try Trail(bench), pipeline.wanted.within)
    let earlier = try bench.probes(5)
    try bench.write(earlier)
    let once = try bench.expecting()
    let first = try await trail.wait(for: earlier.map(\.trace), within: within) { $0.meets(once) }
    guard first.allSatisfy({ $0.meets(once) }) else {
      return first.verdict("5 messages were written to \(pipeline.wanted.into)", once, within: within)
    }
    let underWay = try bench.probes(20)
    try restart(unit, with: underWay, bench)
    let later = try await writeAgain(earlier, bench)
    return try await judge(
      trail, once: (underWay + later).map(\.trace), twice: earlier.map(\.trace), unit, bench, pipeline)
  }

  /// Restarts Redis while the services are stopped with these messages before them, and lets the services go on.
  private static func restart(_ unit: String, with messages: [ProbeEntry], _ bench: Bench) throws {
    let units = try bench.pipelineUnits()
    for name in units { try bench.signal(name, SIGSTOP) }
    defer { for name in units { try? bench.signal(name, SIGCONT) } }
    try bench.write(messages)
    try bench.restart(unit)
  }

  /// Copies of what came before, and new messages, as soon as Redis takes them.
  private static func writeAgain(_ earlier: [ProbeEntry], _ bench: Bench) async throws -> [ProbeEntry] {
    let deadline = ContinuousClock.now + .seconds(15)
    while true {
      let later = try bench.probes(5)
      do {
        let connection = try bench.connect()
        try connection.call(["PING"])
        connection.close()
        try bench.write(earlier + later)
        return later
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  private static func judge(
    _ trail: Trail, once: [String], twice: [String], _ unit: String, _ bench: Bench, _ pipeline: Pipeline
  ) async throws -> Verdict {
    // The services notice a lost connection by their own timeouts.
    let within = pipeline.wanted.within * 3
    let (single, double) = (try bench.expecting(), try bench.expecting(copies: 2))
    let traces = once + twice
    let copied = Set(twice)
    let outcomes = try await trail.wait(for: traces, within: within) {
      $0.meets(copied.contains($0.trace) ? double : single)
    }
    let copies = outcomes.filter { copied.contains($0.trace) }
    guard copies.allSatisfy({ $0.meets(double) }) else {
      return copies.verdict("5 messages were written before and after a restart of \(unit)", double, within: within)
    }
    let others = outcomes.filter { !copied.contains($0.trace) }
    guard others.allSatisfy({ $0.meets(single) }) else {
      return others.verdict(
        "\(others.count) messages were under way at a restart of \(unit), or came after it", single, within: within)
    }
    try await bench.requireHealth(after: "\(unit) was restarted", within: .seconds(30))
    return .proved(
      "\(unit) was restarted with 20 messages under way: each of \(outcomes.count) came out once\(single.ends ? " and ended once" : ""),"
        + " and copies of earlier ones were skipped", outcomes.evidence())
  }

  private static func redisUnit(_ bench: Bench) throws -> String? {
    try ["redis-server.service", "redis.service", "valkey-server.service", "valkey.service"].first {
      try bench.status($0).isActive
    }
  }
}
