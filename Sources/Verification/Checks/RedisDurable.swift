internal import Deployment

/// Redis keeps what it is given: it writes to disk and evicts nothing.
enum RedisDurable: Check {
  static let id = "redis.durable"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [String] { subject.redisNames }

  static func look(at endpoint: String, _ moment: Moment, _ run: VerificationRun) async -> Observation<ServerInfo> {
    await run.redisView(moment).map(\.server)
  }

  static func judge(_ endpoint: String, _ info: ServerInfo) -> CheckResult {
    let evidence: Evidence = [
      "aof_enabled": .optional(info.integer("aof_enabled")),
      "aof_last_write_status": .optional(info["aof_last_write_status"]),
      "appendfsync": .optional(info.appendfsync), "maxmemory": .optional(info.integer("maxmemory")),
      "maxmemory_policy": .optional(info["maxmemory_policy"]), "role": .optional(info["role"]),
    ]
    let faults = [persistence(info), eviction(info), role(info)].compactMap { $0 }
    if !faults.isEmpty { return fail(endpoint, faults.joined(separator: "; "), evidence) }
    if info.appendfsync == "no" {
      return warn(
        endpoint,
        "appendfsync is no, so that a power cut loses up to half a minute; set it to everysec or always", evidence)
    }
    return pass(endpoint, "append-only file on, nothing is evicted", evidence)
  }

  private static func persistence(_ info: ServerInfo) -> String? {
    guard let enabled = info.integer("aof_enabled") else {
      return "Redis does not say whether its append-only file is on"
    }
    if enabled == 0 {
      return "the append-only file is off, a restart of Redis loses entries: CONFIG SET appendonly yes, and in its"
        + " configuration file"
    }
    guard let status = info["aof_last_write_status"] else { return nil }
    return status == "ok"
      ? nil : "the last write to the append-only file failed (\(status)): look at Redis' disk and log"
  }

  /// Without a limit nothing is evicted, whatever the policy.
  private static func eviction(_ info: ServerInfo) -> String? {
    guard let limit = info.integer("maxmemory") else { return "Redis does not say what its maxmemory is" }
    guard limit > 0 else { return nil }
    let policy = info["maxmemory_policy"] ?? "unknown"
    return policy == "noeviction"
      ? nil
      : "maxmemory-policy is \(policy), which drops keys when memory is short: CONFIG SET maxmemory-policy noeviction"
  }

  private static func role(_ info: ServerInfo) -> String? {
    info["role"] == "slave" ? "it is a read-only replica: name its primary in redis: of the manifest" : nil
  }
}
