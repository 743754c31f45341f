public import Redis

/// What a Redis shows of itself and of the work that was done on it. Kept outside of Redis and compared with what it
/// shows later, it tells a Redis that lost writes: a promoted replica that lagged, a restored copy, a power cut.
public struct DataLossMarker: Sendable, Hashable {
  /// Of the server process; another one after each restart.
  public var runID: String?
  /// Of the replication history, and how far it has come in bytes. Both stay 0 or new where there was never a replica.
  public var replicationID: String?
  public var offset: Int64?
  /// The mark that a Redis carries from its first use on.
  public var mark: String?
  /// The latest epoch.
  public var epoch: Int64
  /// The id that was given out last on each stream. It never falls, whatever is trimmed.
  public var lastIDs: [String: String]
  /// The history that a promoted replica has taken over, and up to where.
  private var inherited: (id: String, offset: Int64)? { inheritedID.flatMap { id in inheritedOffset.map { (id, $0) } } }
  private var inheritedID: String?
  private var inheritedOffset: Int64?

  public init(
    runID: String? = nil, replicationID: String? = nil, offset: Int64? = nil, mark: String? = nil, epoch: Int64 = 0,
    lastIDs: [String: String] = [:]
  ) {
    self.runID = runID
    self.replicationID = replicationID
    self.offset = offset
    self.mark = mark
    self.epoch = epoch
    self.lastIDs = lastIDs
  }

  /// Looks at a Redis, in one round trip.
  ///
  /// - Parameters:
  ///   - key: Of the mark.
  ///   - epochKey: Of the fence.
  ///   - streams: Whose last ids are of interest.
  public static func look(
    key: String, epochKey: String, streams: [String], on connection: Connection
  ) throws(RedisError) -> DataLossMarker {
    var commands: [Command] = [["GET", key], ["GET", epochKey], ["INFO", "server"], ["INFO", "replication"]]
    commands += streams.map { ["XINFO", "STREAM", $0] }
    let replies = try connection.pipeline(commands)
    for reply in replies.prefix(2) {
      if case .error(let error) = reply { throw .server(error) }
    }
    // A user who may not ask is told nothing of the server; marks and ids are enough.
    let server = fields(replies[2].string), replication = fields(replies[3].string)
    var seen = DataLossMarker(
      runID: server["run_id"], replicationID: replication["master_replid"],
      // trap: one reply for each command
      offset: replication["master_repl_offset"].flatMap { Int64($0) }, mark: replies[0].string,
      // trap: one reply for each command
      epoch: replies[1].string.flatMap { Int64($0) } ?? 0)
    seen.inheritedID = replication["master_replid2"]
    seen.inheritedOffset = replication["second_repl_offset"].flatMap { Int64($0) }
    for (stream, reply) in zip(streams, replies.dropFirst(4)) {
      // A stream that may not be looked at is not one that is gone.
      let isGone = reply.serverError?.message.contains("no such key") == true
      seen.lastIDs[stream] = isGone ? none : reply["last-generated-id"]?.string
    }
    return seen
  }

  /// Sets the mark unless there is one, and returns the one that counts from now on.
  public static func establish(
    _ mark: String, key: String, on connection: Connection
  ) throws(RedisError) -> String {
    try connection.call(["SET", key, mark, "NX", "GET"]).string ?? mark
  }

  /// What this Redis lacks of what was seen before, one phrase for each; empty when nothing is missing. A restart that
  /// lost nothing lacks nothing.
  public func missing(since before: DataLossMarker) -> [String] {
    var missing: [String] = []
    if let old = before.mark, mark != old {
      missing.append(
        mark.map { "it carries the mark '\($0)' and not '\(old)', so it is another Redis" }
          ?? "its mark '\(old)' is gone")
    }
    if epoch < before.epoch { missing.append("its epoch is \(epoch), and \(before.epoch) had been taken") }
    for (stream, id) in before.lastIDs.sorted(by: { $0.key < $1.key }) {
      guard let now = lastIDs[stream], Self.less(now, id) else { continue }
      missing.append("'\(stream)' \(now == Self.none ? "is gone" : "ends at \(now)"), and had come to \(id)")
    }
    if let old = before.offset, let id = before.replicationID {
      let now = replicationID == id ? offset : inherited.flatMap { $0.id == id ? $0.offset - 1 : nil }
      if let now, now < old { missing.append("it has its history up to byte \(now), and \(old) had been written") }
    }
    return missing
  }

  /// The last id of a stream that is not there.
  private static let none = "0-0"

  /// Whether one entry id comes before another.
  static func less(_ one: String, _ other: String) -> Bool {
    func parts(_ id: String) -> (UInt64, UInt64) {
      let parts = id.split(separator: "-")
      // trap: one reply for each command
      return (parts.first.flatMap { UInt64($0) } ?? 0, parts.count > 1 ? UInt64(parts[1]) ?? 0 : 0)
    }
    return parts(one) < parts(other)
  }

  private static func fields(_ info: String?) -> [String: String] {
    var fields: [String: String] = [:]
    for line in (info ?? "").split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      // trap: one reply for each command
      if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
    }
    return fields
  }
}
