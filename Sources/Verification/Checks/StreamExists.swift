internal import Basics
internal import Deployment

/// The key exists and is a stream.
enum StreamExists: Check {
  static let id = "stream.exists"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [String] { subject.verify.groups.map(\.stream).uniqued() }

  static func look(
    at key: String, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<KeyView, ProbeError>> {
    await run.redisView(moment).map { $0.keys[key] ?? .failure(ProbeError("it was not looked at")) }
  }

  static func judge(_ key: String, _ seen: Result<KeyView, ProbeError>) -> CheckResult {
    switch seen {
    case .failure(let error):
      return fail(key, "expected a stream; it could not be looked at: \(error)")
    case .success(.none):
      return fail(
        key, "expected a stream, the key does not exist: nothing was ever written to it, or Redis lost its data",
        ["type": "none"])
    case .success(.other(let type)):
      return fail(
        key, "expected a stream, the key is a \(type): another program uses that name", ["type": .string(type)])
    case .success(.stream(let view)):
      return pass(
        key, "\(view.length) entries, \(view.groups.count) groups",
        [
          "type": "stream", "length": .int(view.length), "last_generated": .string("\(view.lastGenerated)"),
          "entries_added": .optional(view.added), "groups": .int(view.groups.count),
        ])
    }
  }
}
