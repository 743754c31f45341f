internal import Redis

/// What XINFO GROUPS tells of a group.
public struct GroupInfo: Sendable, Hashable {
  public let name: String
  public let consumers: Int
  /// Entries delivered and not acknowledged.
  public let pending: Int
  public let lastDeliveredID: String
  /// How many entries the group has read, as far as Redis can tell.
  public let entriesRead: Int?
  /// How many entries the group has not read. nil is unknown (after XDEL), not 0; and it is wrong after a trim, when it
  /// counts entries that are gone: compare `Group.undelivered`.
  public let lag: Int?

  init(_ reply: Reply) throws(RedisError) {
    guard let name = reply["name"]?.string, let consumers = reply["consumers"]?.integer,
      let pending = reply["pending"]?.integer, let last = reply["last-delivered-id"]?.string
    else { throw reply.mismatch("XINFO GROUPS", wanted: "a description of a group") }
    self.name = name
    self.consumers = Int(clamping: consumers)
    self.pending = Int(clamping: pending)
    lastDeliveredID = last
    entriesRead = reply["entries-read"]?.integer.map(Int.init(clamping:))
    lag = reply["lag"]?.integer.map(Int.init(clamping:))
  }
}
