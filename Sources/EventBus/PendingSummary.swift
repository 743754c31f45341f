internal import Redis

/// What XPENDING tells of a whole group.
public struct PendingSummary: Sendable, Hashable {
  public let count: Int
  /// nil when nothing is pending.
  public let smallestID: String?
  public let greatestID: String?
  /// How many entries each consumer holds; consumers with none are not in it.
  public let byConsumer: [String: Int]

  init(_ reply: Reply) throws(RedisError) {
    guard let parts = reply.array, parts.count == 4, let count = parts[0].integer else {
      throw reply.mismatch("XPENDING", wanted: "a summary")
    }
    self.count = Int(clamping: count)
    smallestID = parts[1].string
    greatestID = parts[2].string
    var byConsumer: [String: Int] = [:]
    for pair in parts[3].array ?? [] {
      guard let pair = pair.array, pair.count == 2, let name = pair[0].string, let held = pair[1].integer else {
        throw reply.mismatch("XPENDING", wanted: "consumers and their counts")
      }
      byConsumer[name] = Int(clamping: held)
    }
    self.byConsumer = byConsumer
  }
}
