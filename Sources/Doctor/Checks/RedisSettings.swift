import Redis

/// Redis loses what it is given, at a restart or when its memory is short, or is too old.
enum RedisSettings: Examination {
  static let id = "redis.settings"
  /// The oldest major version that the streams of the services work with.
  private static let oldest = 7

  static func findings(on host: HostView) -> [Finding] {
    RedisServers.examine(host) { connection, client in
      // A user without the right to ask for settings is told the rest.
      let sync = try? connection.call(["CONFIG", "GET", "appendfsync"])["appendfsync"]?.string
      return faults(
        try connection.call(["INFO"]).string ?? "", appendfsync: sync, server: "\(connection.endpoint)", client: client)
    }
  }

  /// - Parameters:
  ///   - info: what `INFO` answers.
  ///   - appendfsync: that setting; `nil` where it is not known.
  ///   - client: the start of a command line that reaches the server.
  static func faults(_ info: String, appendfsync: String? = nil, server: String, client: String) -> [Finding] {
    var values: [Substring: Substring] = [:]
    for line in info.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      values[line[..<colon]] = line[line.index(after: colon)...]
    }
    func set(_ setting: String) -> String { "\(client) CONFIG SET \(setting) && \(client) CONFIG REWRITE" }
    var findings: [Finding] = []
    if let version = values["redis_version"], let major = version.split(separator: ".").first.flatMap({ Int($0) }),
      major < oldest
    {
      findings.append(
        Finding(
          server, "version \(version) is older than \(oldest).0, which the consumer groups need",
          fix: "apt-get install --only-upgrade redis-server"))
    }
    if values["aof_enabled"] == "0" {
      findings.append(
        Finding(server, "its append-only file is off, so a restart loses entries", fix: set("appendonly yes")))
    }
    if values["aof_enabled"] != "0", appendfsync == "no" {
      findings.append(
        Finding(
          server, "its appendfsync is no, so a power cut loses up to half a minute of entries",
          fix: set("appendfsync everysec")))
    }
    if let status = values["aof_last_write_status"], status != "ok" {
      findings.append(
        Finding(server, "its last write to the append-only file failed (\(status))", fix: "\(client) BGREWRITEAOF"))
    }
    if let limit = values["maxmemory"], limit != "0", let policy = values["maxmemory_policy"], policy != "noeviction" {
      findings.append(
        Finding(
          server, "its maxmemory-policy is \(policy), which drops keys when memory is short",
          fix: set("maxmemory-policy noeviction")))
    }
    return findings
  }
}
