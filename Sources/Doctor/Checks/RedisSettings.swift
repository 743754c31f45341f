import Redis
import Verification

/// Redis loses what it is given: at a restart, or when its memory is short.
enum RedisSettings: Examination {
  static let id = "redis.settings"

  static func findings(on host: HostView) throws -> [Finding] {
    guard let address = host.redis else { return [] }
    let connection = try Connection(
      to: Endpoint(address),
      options: Connection.Options(connectTimeout: .seconds(2), timeout: .seconds(2), maxReplyBytes: 16 << 20),
      trust: RedisUsers())
    defer { connection.close() }
    return faults(try connection.call(["INFO"]).string ?? "", server: "\(connection.endpoint)")
  }

  /// - Parameter info: what `INFO` answers.
  static func faults(_ info: String, server: String) -> [Finding] {
    var values: [Substring: Substring] = [:]
    for line in info.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      values[line[..<colon]] = line[line.index(after: colon)...]
    }
    var findings: [Finding] = []
    if values["aof_enabled"] == "0" {
      findings.append(
        Finding(
          server, "its append-only file is off, so a restart loses entries",
          fix: "redis-cli CONFIG SET appendonly yes && redis-cli CONFIG REWRITE"))
    }
    if let limit = values["maxmemory"], limit != "0", let policy = values["maxmemory_policy"], policy != "noeviction" {
      findings.append(
        Finding(
          server, "its maxmemory-policy is \(policy), which drops keys when memory is short",
          fix: "redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE"))
    }
    return findings
  }
}
