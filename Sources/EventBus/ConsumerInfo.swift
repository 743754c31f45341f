internal import Redis

/// What XINFO CONSUMERS tells of a consumer.
public struct ConsumerInfo: Sendable, Hashable {
  public let name: String
  /// Entries delivered to it and not acknowledged.
  public let pending: Int
  /// Since its last sign of life: `Group.touch`, or a reading that found something. One that has asked in vain does not
  /// count before Redis 7.2. A consumer whose loop lives gives one at every BLOCK.
  public let idle: Duration

  init(_ reply: Reply) throws(RedisError) {
    guard let name = reply["name"]?.string, let pending = reply["pending"]?.integer,
      let idle = reply["idle"]?.integer
    else { throw reply.mismatch("XINFO CONSUMERS", wanted: "a description of a consumer") }
    self.name = name
    self.pending = Int(clamping: pending)
    self.idle = .milliseconds(idle)
  }
}
