internal import Deployment

/// Redis accepts a connection and answers.
enum RedisReachable: Check {
  static let id = "redis.reachable"

  static func judge(_ endpoint: String, _ seen: Result<ServerInfo, Unseen>) -> CheckResult {
    switch seen {
    case .success(let info):
      let version = info["redis_version"]
      return pass(
        endpoint, "answers" + (version.map { ", version \($0)" } ?? ""),
        ["version": .optional(version), "uptime_seconds": .optional(info.integer("uptime_in_seconds"))])
    case .failure(let unseen):
      return fail(endpoint, "expected an answer from Redis: \(unseen)")
    }
  }
}
