internal import Deployment
internal import Redis
internal import Verification

/// Two producers, or one that sends again: both copies are there before either was read.
enum DuplicateConcurrent: Row {
  static let id = "duplicate.concurrent"
  static let claim = "of two copies written at the same time one is skipped"
  static let isHarmless = true
  private static let messages = 20

  static func subjects(of manifest: Manifest) -> Subjects { .first(of: manifest) }

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let pipeline = try bench.pipeline()
    try bench.requireRunning(bench.pipelineUnits())
    let trail = try Trail(bench)
    let messages = try bench.probes(messages)
    try await bench.writeTwice(messages)
    let expected = try bench.expecting(copies: 2)
    let outcomes = try await trail.wait(for: messages.map(\.trace), within: pipeline.wanted.within) {
      $0.meets(expected)
    }
    return outcomes.verdict(
      "\(messages.count) messages were written to \(pipeline.wanted.into) from two connections at once", expected,
      within: pipeline.wanted.within)
  }
}
