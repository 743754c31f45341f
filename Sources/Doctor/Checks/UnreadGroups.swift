import Basics
import EventBus
import Redis

/// A consumer group of a stream that has entries which nobody reads.
enum UnreadGroups: Examination {
  static let id = "group.unread"
  /// A consumer that has asked for nothing for so long does not read.
  private static let silence: Duration = .seconds(300)
  /// So many streams are looked at.
  private static let mostStreams = 1000

  static func findings(on host: HostView) -> [Finding] {
    RedisServers.examine(host) { connection, client in
      try streams(connection).flatMap { stream in
        try connection.ask(Stream(stream).groups).compactMap { group in
          try finding(stream, group, connection, client)
        }
      }
    }
  }

  private static func finding(
    _ stream: String, _ info: GroupInfo, _ connection: Connection, _ client: String
  ) throws -> Finding? {
    let group = Group(info.name, of: stream)
    guard try connection.ask(group.undelivered(after: info.lastDeliveredID, limit: 1)) > 0 else { return nil }
    let consumers = try connection.ask(group.consumers)
    guard !consumers.contains(where: { $0.idle < silence }) else { return nil }
    let readers = consumers.isEmpty ? "it has no consumer" : "no consumer has read for \(silence.text)"
    return Finding(
      "\(stream) \(info.name)",
      "group '\(info.name)' has entries in '\(stream)' that nobody reads, \(readers); start its service, or remove the group",
      fix: "\(client) XGROUP DESTROY \(HostView.quoted(stream)) \(HostView.quoted(info.name))")
  }

  private static func streams(_ connection: Connection) throws -> [String] {
    var found: Set<String> = []
    var cursor = "0"
    repeat {
      let reply = try connection.call(["SCAN", cursor, "COUNT", "1000", "TYPE", "stream"])
      guard let parts = reply.array, parts.count == 2 else { break }  // trap: counted
      cursor = parts[0].string ?? "0"  // trap: counted
      found.formUnion((parts[1].array ?? []).compactMap(\.string))  // trap: counted
    } while cursor != "0" && found.count < mostStreams
    return found.sorted()
  }
}
