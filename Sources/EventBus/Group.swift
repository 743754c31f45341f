public import Redis

/// A consumer group of a stream.
public struct Group: Sendable, Hashable {
  public let stream: String
  public let name: String

  public init(_ name: String, of stream: String) {
    self.name = name
    self.stream = stream
  }

  /// Creates the group, and its stream, unless they are there; tells whether it did.
  ///
  /// A new group begins at `0`, the stream's first entry: `$` would skip what is there already.
  @discardableResult
  public func ensure(on connection: Connection) throws(RedisError) -> Bool {
    do {
      try connection.call(["XGROUP", "CREATE", stream, name, "0", "MKSTREAM"])
      return true
    } catch {
      if error.serverError?.code == "BUSYGROUP" { return false }
      throw error
    }
  }

  /// Makes a consumer known to the group. A Redis before 7.2 lists a consumer only once it was given an entry, so that
  /// one with nothing to do yet could not be told from one that is not there.
  public func join(as consumer: String, on connection: Connection) throws(RedisError) {
    try connection.call(["XGROUP", "CREATECONSUMER", stream, name, consumer])
  }

  /// Removes a consumer from the group, unless entries are pending with it, which would be lost; tells whether it did.
  @discardableResult
  public func leave(as consumer: String, fence: Fence? = nil, on connection: Connection) throws(RedisError) -> Bool {
    let reply = try GroupScripts.leave.run(
      fence: fence, keys: [stream], arguments: [name, consumer], on: connection)
    return try reply.requireInteger(of: GroupScripts.leave.script.name) == 1
  }

  /// The next entries that no consumer of the group has had yet, waiting up to `block` for the first.
  public func readNew(
    as consumer: String, limit: Int, block: Duration, stop: StopSignal? = nil, on connection: Connection
  ) throws(RedisError) -> [Entry] {
    let command: Command = [
      "XREADGROUP", "GROUP", name, consumer, "COUNT", String(limit), "BLOCK", block.blockArgument,
      "STREAMS", stream, ">",
    ]
    let reply = try connection.call(command, timeout: block + connection.options.timeout, stop: stop)
    return try Entry.read(reply, of: "XREADGROUP")
  }

  /// Gives a sign of life. A Redis before 7.2 takes a reading that finds nothing new for none, so a consumer without work
  /// would look as if it were gone; a reading of its own entries, behind the last that can be, always is one.
  public func touch(as consumer: String, on connection: Connection) throws(RedisError) {
    let last = "\(UInt64.max)-\(UInt64.max - 1)"
    try connection.call(["XREADGROUP", "GROUP", name, consumer, "COUNT", "1", "STREAMS", stream, last])
  }

  /// The consumer's first own pending entry behind `id`, which counts as one more delivery; nil at the end of them.
  public func readOwn(
    as consumer: String, after id: String, on connection: Connection
  ) throws(RedisError) -> Delivery? {
    let name = GroupScripts.own.script.name
    let reply = try GroupScripts.own.run(
      fence: nil, keys: [stream], arguments: [self.name, consumer, id], on: connection)
    if reply.isNull { return nil }
    let parts = try reply.requireArray(of: name)
    guard parts.count == 2 else { throw reply.mismatch(name, wanted: "a count and an entry") }
    return Delivery(
      try Entry(parts[1], of: name), deliveries: Int(clamping: try parts[0].requireInteger(of: name)))
  }

  /// Acknowledges entries and returns how many of them were pending.
  @discardableResult
  public func acknowledge(
    _ ids: [String], fence: Fence? = nil, on connection: Connection
  ) throws(RedisError) -> Int {
    guard !ids.isEmpty else { return 0 }
    let reply = try GroupScripts.acknowledge.run(
      fence: fence, keys: [stream], arguments: [name] + ids, on: connection)
    return Int(clamping: try reply.requireInteger(of: "XACK"))
  }
}

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
  public func deadLetter(
    _ entries: [(id: String, reason: String)], deadLetters: String, fence: Fence? = nil, on connection: Connection
  ) throws(RedisError) {
    guard !entries.isEmpty else { return }
    _ = try GroupScripts.deadLetter.run(
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
