public import Redis

/// What XINFO STREAM tells of a stream.
public struct StreamInfo: Sendable, Hashable {
  public let length: Int
  public let groups: Int
  public let lastGeneratedID: String
  /// nil in an empty stream.
  public let firstEntryID: String?
  public let lastEntryID: String?
  /// How many entries were ever appended; nil before Redis 7.
  public let entriesAdded: Int?
  /// The highest id that was deleted or trimmed; nil before Redis 7.
  public let maxDeletedEntryID: String?
}

extension Stream {
  /// Throws the server's `ERR no such key` when the stream does not exist.
  public var info: Query<StreamInfo> {
    Query(["XINFO", "STREAM", name]) { reply throws(RedisError) in
      guard let length = reply["length"]?.integer, let groups = reply["groups"]?.integer,
        let last = reply["last-generated-id"]?.string
      else { throw reply.mismatch("XINFO STREAM", wanted: "a description of a stream") }
      return StreamInfo(
        length: Int(clamping: length), groups: Int(clamping: groups), lastGeneratedID: last,
        firstEntryID: reply["first-entry"]?.array?.first?.string,
        lastEntryID: reply["last-entry"]?.array?.first?.string,
        entriesAdded: reply["entries-added"]?.integer.map(Int.init(clamping:)),
        maxDeletedEntryID: reply["max-deleted-entry-id"]?.string)
    }
  }

  /// The stream's groups.
  public var groups: Query<[GroupInfo]> {
    Query(["XINFO", "GROUPS", name]) { reply throws(RedisError) in
      try reply.requireArray(of: "XINFO GROUPS").map { (group) throws(RedisError) in try GroupInfo(group) }
    }
  }
}
