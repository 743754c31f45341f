internal import Basics
internal import Deployment
internal import Verification

/// What a service remembers must outlive it.
enum DuplicateRestart: Row {
  static let id = "duplicate.restart"
  static let claim = "a copy that comes after a restart of the services is skipped"

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let (pipeline, trail, messages) = try bench.sending(5)
    let (units, within) = (try bench.pipelineUnits(), pipeline.wanted.within)
    let traces = messages.map(\.trace)
    try bench.write(messages)
    let once = try bench.expecting()
    let first = try await trail.wait(for: traces, within: within) { $0.isDecided(once) }
    guard first.allSatisfy({ $0.meets(once) }) else {
      return first.verdict("5 messages were written to \(pipeline.wanted.into)", once, within: within)
    }
    for unit in units { try bench.restart(unit) }
    let control = try bench.probes(1)
    try bench.write(messages + control)
    let twice = try bench.expecting(copies: 2)
    _ = try await trail.wait(for: control.map(\.trace), within: within * 3) { $0.isDecided(once) }
    let outcomes = try await trail.wait(for: traces, within: within) { $0.isDecided(twice) }
    let what =
      "5 messages were written to \(pipeline.wanted.into) before and after a restart of \(units.joined(separator: ", "))"
    let after = try trail.look(control.map(\.trace))
    guard outcomes.allSatisfy({ $0.meets(twice) }) else { return outcomes.verdict(what, twice, within: within) }
    guard after.allSatisfy({ $0.meets(once) }) else {
      return after.verdict("a new message was written after a restart", once, within: within)
    }
    return outcomes.verdict(what, twice, within: within)
  }
}
