public import Redis

extension Group {
  /// What `claim` found with consumers gone silent.
  public struct Claimed: Sendable, Hashable {
    /// The entries that are this consumer's own pending ones now.
    public let ids: [String]
    /// The entries that somebody had trimmed or deleted before anybody settled them. An alarm: each is recorded as a dead
    /// letter, and acknowledged.
    public let trimmed: [String]
  }

  /// Takes over at most `limit` entries that other consumers have had for longer than `idle` without acknowledging
  /// them. They are not delivered yet: read them with `readOwn`. The consumer's own entries are never touched.
  ///
  /// - Parameter idle: Far above the longest that handling one entry can take.
  public func claim(
    as consumer: String, idle: Duration, limit: Int, deadLetters: String, fence: Fence? = nil,
    on connection: Connection
  ) throws(RedisError) -> Claimed {
    let reply = try GroupScripts.claim.run(
      fence: fence, keys: [stream, deadLetters],
      arguments: [name, consumer, String(idle.milliseconds), String(limit)], on: connection)
    let parts = try reply.requireArray(of: "claim")
    guard parts.count == 2 else { throw reply.mismatch("claim", wanted: "two lists of ids") }
    return Claimed(
      ids: try parts[0].requireArray(of: "claim").compactMap(\.string),
      trimmed: try parts[1].requireArray(of: "claim").compactMap(\.string))
  }

  /// Records entries in the stream of dead letters and acknowledges them, in one step.
  ///
  /// A dead letter has the fields `source` (the stream), `group`, `id`, `reason`, and each field of the entry under its
  /// name with `entry.` before it, byte for byte. An entry that is no longer in the stream has only the first four.
  public func bury(
    _ entries: [(id: String, reason: String)], deadLetters: String, fence: Fence? = nil, on connection: Connection
  ) throws(RedisError) {
    guard !entries.isEmpty else { return }
    _ = try GroupScripts.bury.run(
      fence: fence, keys: [stream, deadLetters], arguments: [name] + entries.flatMap { [$0.id, $0.reason] },
      on: connection)
  }

  /// Takes the last delivery of entries back from their count, since the entries were not at fault; they stay pending.
  public func forgive(
    _ ids: [String], as consumer: String, fence: Fence? = nil, on connection: Connection
  ) throws(RedisError) {
    guard !ids.isEmpty else { return }
    _ = try GroupScripts.forgive.run(
      fence: fence, keys: [stream], arguments: [name, consumer] + ids, on: connection)
  }
}
