public import Deployment
internal import EventBus
internal import Redis

/// What a transaction asks Redis itself, before the checks do: whether it is there, and where the groups stand.
public enum RedisLook {
  /// Why that Redis cannot be used, in words; `nil` when it answers.
  public static func fault(_ address: String) -> String? {
    do {
      let connection = try connect(address)
      defer { connection.close() }
      _ = try connection.call(["PING"])
      return nil
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

  private static func connect(_ address: String) throws -> Connection {
    try Connection(
      to: Endpoint(address), options: Connection.Options(connectTimeout: .seconds(2), timeout: .seconds(2)))
  }
}
