internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Verification

/// The second lock: the very entry that came out is written to `out` again, as a router that went wrong would do.
enum DuplicateDownstream: Row {
  static let id = "duplicate.downstream"
  static let claim = "an entry that comes out twice ends once"

  static func subjects(of manifest: Manifest) -> Subjects { .last(of: manifest) }

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let (pipeline, trail, messages) = try bench.sending(3)
    let (within, out) = (pipeline.wanted.within, pipeline.wanted.out)
    try bench.write(messages)
    let expected = try bench.expecting()
    let traces = messages.map(\.trace)
    let first = try await trail.wait(for: traces, within: within) { $0.isDecided(expected) }
    guard first.allSatisfy({ $0.meets(expected) }) else {
      return first.verdict("3 messages were written to \(pipeline.wanted.into)", expected, within: within)
    }
    let connection = try bench.connect()
    defer { connection.close() }
    for trace in traces {
      for entry in try trail.entries(of: trace) { _ = try Stream(out).publish(entry.fields ?? [], on: connection) }
    }
    // A control tells when the copies before it were read.
    let control = try bench.probes(1)
    try bench.write(control)
    let after = try await trail.wait(for: traces + control.map(\.trace), within: within) { !$0.ends.isEmpty }
    guard let wrong = after.first(where: { $0.ends.count != 1 }) else {
      return .proved(
        "3 entries were written to \(out) a second time: each ended once, and what came behind them too",
        after.evidence())
    }
    let what =
      wrong.trace == control.first?.trace
      ? "what came behind them (trace_id=\(wrong.trace))" : "trace_id=\(wrong.trace)"
    return .failed(
      "3 entries were written to \(out) a second time: \(what) ended \(wrong.ends.count) times, expected once within"
        + " \(within.text)", after.evidence(wrong))
  }
}
