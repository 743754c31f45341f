internal import Deployment
internal import Verification

/// The first user's case: the copy comes when the first message has become an entry already.
enum DuplicateSequential: Row {
  static let id = "duplicate.sequential"
  static let claim = "a copy of a message that has come out is skipped"
  static let isHarmless = true

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let (pipeline, trail, messages) = try bench.sending(3)
    let within = pipeline.wanted.within
    for message in messages {
      try bench.write([message])
      let first = try await trail.wait(for: [message.trace], within: within) { !$0.entries.isEmpty }
      guard first.allSatisfy({ !$0.entries.isEmpty }) else {
        return first.verdict("a message was written to \(pipeline.wanted.into)", try bench.expecting(), within: within)
      }
      try bench.write([message])
    }
    let expected = try bench.expecting(copies: 2)
    let outcomes = try await trail.wait(for: messages.map(\.trace), within: within) { $0.isDecided(expected) }
    return outcomes.verdict(
      "3 messages were written to \(pipeline.wanted.into) and again when they had come out", expected, within: within)
  }
}
