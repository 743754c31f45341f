internal import Redis

/// One pending entry, as XPENDING lists them.
public struct PendingEntry: Sendable, Hashable {
  public let id: String
  public let consumer: String
  /// Since its last delivery.
  public let idle: Duration
  public let deliveries: Int

  init(_ reply: Reply) throws(RedisError) {
    guard let parts = reply.array, parts.count == 4, let id = parts[0].string, let consumer = parts[1].string,
      let idle = parts[2].integer, let deliveries = parts[3].integer
    else { throw reply.mismatch("XPENDING", wanted: "a pending entry") }
    self.id = id
    self.consumer = consumer
    self.idle = .milliseconds(idle)
    self.deliveries = Int(clamping: deliveries)
  }
}
