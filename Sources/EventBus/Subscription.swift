public import Redis

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
