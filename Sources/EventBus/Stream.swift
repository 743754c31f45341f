public import Redis

/// A stream by the name of its key.
public struct Stream: Sendable, Hashable {
  public let name: String

  public init(_ name: String) {
    self.name = name
  }

  /// Appends an entry and returns its id. Never trims: `Trimming` does, behind the groups.
  @discardableResult
  public func publish(_ fields: [Field], on connection: Connection) throws(RedisError) -> String {
    try connection.ask(publishing(fields))
  }

  /// The question form of `publish`, for a pipeline.
  public func publishing(_ fields: [Field]) -> Query<String> {
    var command = Command("XADD", name, "*")
    for field in fields {
      command.append(field.name)
      command.append(field.value)
    }
    return Query(command) { reply throws(RedisError) in try reply.requireString(of: "XADD") }
  }

  /// The entries from `first` to `last`, both included; `-` and `+` are the ends, and `(` before an id excludes it.
  public func range(from first: String = "-", to last: String = "+", limit: Int) -> Query<[Entry]> {
    Query(["XRANGE", name, first, last, "COUNT", String(limit)]) { reply throws(RedisError) in
      try Entry.list(reply, of: "XRANGE")
    }
  }

  /// The newest entries from `last` down to `first`, the newest first; the ends as in `range`.
  public func newest(limit: Int, from last: String = "+", downTo first: String = "-") -> Query<[Entry]> {
    Query(["XREVRANGE", name, last, first, "COUNT", String(limit)]) { reply throws(RedisError) in
      try Entry.list(reply, of: "XREVRANGE")
    }
  }
}

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

extension Stream {
  /// How many entries lie behind `first` up to and with `last`; `nil` where there are more than `limit`.
  public func count(
    after first: String, through last: String, limit: Int, on connection: Connection
  ) throws(RedisError) -> Int? {
    var total = 0
    var place = first
    while total <= limit {
      let page = try connection.ask(range(from: "(" + place, to: last, limit: 1000))
      total += page.count
      guard page.count == 1000, let end = page.last else { return total > limit ? nil : total }
      place = end.id
    }
    return nil
  }
}

/// Reads a stream from an id on, without a group: it remembers its own place and acknowledges nothing.
public struct Subscription: Sendable {
  public let stream: Stream
  /// The id of the last entry read; what comes behind it is next.
  public private(set) var position: String

  /// - Parameter position: `0-0` reads the stream from its beginning. Not `$`: between two reads it would lose entries;
  ///   see `fromNow`.
  public init(to stream: Stream, after position: String = "0-0") {
    self.stream = stream
    self.position = position
  }

  /// A subscription to what is published from this moment on.
  public static func fromNow(_ stream: Stream, on connection: Connection) throws(RedisError) -> Subscription {
    let last = try connection.ask(stream.newest(limit: 1)).first?.id
    return Subscription(to: stream, after: last ?? "0-0")
  }

  /// The next entries, at most `limit`, waiting up to `block` for the first; none if none came in time.
  public mutating func next(
    limit: Int, block: Duration, stop: StopSignal? = nil, on connection: Connection
  ) throws(RedisError) -> [Entry] {
    let command: Command = [
      "XREAD", "COUNT", String(limit), "BLOCK", block.blockArgument, "STREAMS", stream.name, position,
    ]
    let reply = try connection.call(command, timeout: block + connection.options.timeout, stop: stop)
    let entries = try Entry.read(reply, of: "XREAD")
    if let last = entries.last { position = last.id }
    return entries
  }
}
