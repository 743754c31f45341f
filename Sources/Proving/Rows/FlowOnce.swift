internal import Basics
internal import Deployment
internal import Verification

/// The plain case, without which nothing else means anything: services that do nothing are not healthy.
enum FlowOnce: Row {
  static let id = "flow.once"
  static let claim = "a new message comes out once and ends once"
  static let isHarmless = true

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let (pipeline, trail, messages) = try bench.sending(3)
    try bench.write(messages)
    let expected = try bench.expecting()
    // In the machine the services have only just started, and not every one is ready when systemd calls it active.
    let within = bench.options.isThrowaway ? pipeline.wanted.within * 6 : pipeline.wanted.within
    let outcomes = try await trail.wait(for: messages.map(\.trace), within: within) { $0.isDecided(expected) }
    return outcomes.verdict("3 messages were written to \(pipeline.wanted.into)", expected, within: within)
  }
}
