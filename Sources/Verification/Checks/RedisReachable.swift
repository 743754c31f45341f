internal import Deployment

/// Redis accepts a connection and answers.
enum RedisReachable: Check {
  static let id = "redis.reachable"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [String] { subject.redisNames }

  static func look(
    at endpoint: String, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<ServerInfo, ProbeError>> {
    .seen(await run.redis(moment).map(\.server))
  }

  static func judge(_ endpoint: String, _ seen: Result<ServerInfo, ProbeError>) -> CheckResult {
    switch seen {
    case .success(let info):
      let version = info["redis_version"]
      return pass(
        endpoint, "answers" + (version.map { ", version \($0)" } ?? ""),
        ["version": .optional(version), "uptime_seconds": .optional(info.integer("uptime_in_seconds"))])
    case .failure(let error):
      return fail(endpoint, "expected an answer from Redis: \(error)")
    }
  }
}
