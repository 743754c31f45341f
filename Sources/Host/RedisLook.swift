public import Deployment
internal import EventBus
internal import Redis
internal import Verification

/// What a transaction asks Redis itself, before the checks do: whether it is there, and where the groups stand.
public enum RedisLook {
  /// Why that Redis cannot be used, in words; `nil` when it answers and keeps what it is given.
  public static func fault(_ address: String) -> String? {
    do {
      let connection = try connect(address)
      defer { connection.close() }
      _ = try connection.call(["PING"])
      // A write to the server, which weighs it as one (READONLY, MISCONF, OOM, LOADING), and none to the data: with XX
      // it sets only what exists, and this name is nobody's.
      let name = "qtctl:preflight:\(UInt64.random(in: 0 ... .max))"
      guard case .error(let error) = try connection.send(["SET", name, "", "XX"]) else {
        let info = try connection.call(["INFO"]).string ?? ""
        return RedisDurability.fault(info: info).map { "Redis: \(connection.endpoint): \($0)" }
      }
      return "Redis: \(connection.endpoint) answers and takes no writes, so it would keep nothing that the services "
        + "give it: \(error); mend that first, 'redis-cli INFO' says more"
    } catch {
      return "Redis: \(error)"
    }
  }

  /// Where the groups stand. What cannot be read is `nil` there: a backup is taken also when Redis is down.
  public static func cursors(_ groups: [Manifest.ConsumerGroup], _ address: String) -> [BackupRecord.Cursor] {
    let connection = try? connect(address)
    defer { connection?.close() }
    return groups.map { group in
      let found = try? connection?.ask(Stream(group.stream).groups).first { $0.name == group.group }
      return BackupRecord.Cursor(
        stream: group.stream, group: group.group, lastDelivered: found?.lastDeliveredID, pending: found?.pending,
        lag: found?.lag)
    }
  }

  static func connect(_ address: String) throws -> Connection {
    try Connection(
      to: Endpoint(address), options: Connection.Options(connectTimeout: .seconds(2), timeout: .seconds(2)))
  }
}
