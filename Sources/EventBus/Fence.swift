public import Redis

/// The epoch of a process: every script given a fence refuses once a later process has taken a later epoch.
///
/// XACK ignores who owns an entry, so a process that was paused while another took over could acknowledge, or settle,
/// what is no longer its own. Redis compares the epoch in the same step as it writes.
public struct Fence: Sendable, Hashable {
  /// The key that counts the epochs.
  public let key: String
  public let epoch: Int64

  public init(key: String, epoch: Int64) {
    self.key = key
    self.epoch = epoch
  }

  /// Takes the next epoch, which makes every earlier one stale. Once for each start of a process.
  public static func take(_ key: String, on connection: Connection) throws(RedisError) -> Fence {
    Fence(key: key, epoch: try connection.call(["INCR", key]).requireInteger(of: "INCR"))
  }
}

extension RedisError {
  /// Whether a script refused because a later process has taken over: this one has to end.
  public var isStaleEpoch: Bool { serverError?.code == "STALEEPOCH" }

  /// Whether the group, or the whole stream, is gone. A consumer that was blocked while its stream was deleted is told
  /// UNBLOCKED by Redis 7.0 and NOGROUP by later ones.
  public var isMissingGroup: Bool { serverError.map { ["NOGROUP", "UNBLOCKED"].contains($0.code) } ?? false }
}
