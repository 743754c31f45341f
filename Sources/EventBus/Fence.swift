public import Redis

/// The epoch of a process: every script given a fence refuses once a later process has taken a later epoch.
///
/// XACK ignores who owns an entry, so a process that was paused while another took over could acknowledge, or settle,
/// what is no longer its own. Redis compares the epoch in the same step as it writes.
public struct Fence: Sendable, Hashable {
  /// The key that holds the latest epoch.
  public let key: String
  public let epoch: Int64
  /// The epoch that Redis showed before this one was taken; 0 if it showed none.
  public let previous: Int64

  public init(key: String, epoch: Int64, previous: Int64 = 0) {
    self.key = key
    self.epoch = epoch
    self.previous = previous
  }

  /// Takes the next epoch, which makes every earlier one stale. Once for each start of a process.
  ///
  /// An epoch is at least the milliseconds since 1970 by Redis' clock. A plain count would repeat itself after Redis came
  /// back with less than it had, and a paused process of the same number could settle again.
  ///
  /// - Parameter remembered: The latest epoch that the caller knows of; the new one is later than that too.
  public static func take(
    _ key: String, after remembered: Int64 = 0, on connection: Connection
  ) throws(RedisError) -> Fence {
    let reply = try connection.run(takeScript, keys: [key], arguments: [String(remembered)])
    let epochs = try reply.requireArray(of: takeScript.name).compactMap { $0.string.flatMap { Int64($0) } }
    guard epochs.count == 2 else { throw reply.mismatch(takeScript.name, wanted: "two epochs") }
    // trap: counted
    return Fence(key: key, epoch: epochs[1], previous: epochs[0])
  }

  /// The latest epoch that anybody has taken; 0 if Redis shows none.
  public static func current(_ key: String, on connection: Connection) throws(RedisError) -> Int64 {
    try connection.call(["GET", key]).string.flatMap { Int64($0) } ?? 0
  }

  /// KEYS: epoch. ARGV: an epoch that is known to have been taken. GET comes first: it refuses a key of another type
  /// before anything is written.
  private static let takeScript = Script(
    name: "take epoch",
    source: """
      local previous = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      local epoch = string.format('%.0f', math.max(math.max(previous, tonumber(ARGV[1])) + 1, now))
      redis.call('SET', KEYS[1], epoch)
      return {string.format('%.0f', previous), epoch}
      """)
}

extension RedisError {
  /// Whether a script refused because a later process has taken over: this one has to end.
  public var isStaleEpoch: Bool { serverError?.code == "STALEEPOCH" }

  /// Whether the group, or the whole stream, is gone. A consumer that was blocked while its stream was deleted is told
  /// UNBLOCKED by Redis 7.0 and NOGROUP by later ones.
  public var isMissingGroup: Bool { serverError.map { ["NOGROUP", "UNBLOCKED"].contains($0.code) } ?? false }
}
