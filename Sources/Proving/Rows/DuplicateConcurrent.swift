internal import Deployment
internal import Redis
internal import Verification

/// Two producers, or one that sends again: both copies are there before either was read.
enum DuplicateConcurrent: Row {
  static let id = "duplicate.concurrent"
  static let claim = "of two copies written at the same time one is skipped"
  static let isHarmless = true
  private static let messages = 20

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let (pipeline, trail, messages) = try bench.sending(messages)
    let half = messages.count / 2
    try await bench.writeTwice(Array(messages.prefix(half)))
    try bench.writeTwins(Array(messages.dropFirst(half)))
    let expected = try bench.expecting(copies: 2)
    let outcomes = try await trail.wait(for: messages.map(\.trace), within: pipeline.wanted.within) {
      $0.isDecided(expected)
    }
    return outcomes.verdict(
      "\(messages.count) messages were written to \(pipeline.wanted.into) twice at the same moment", expected,
      within: pipeline.wanted.within)
  }
}
