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
    try connection.run(GroupScripts.ensure, keys: [stream], arguments: [name])
      .requireInteger(of: GroupScripts.ensure.name) == 1
  }

  /// How many entries were trimmed or deleted before the group had read them, in total, and as long as it has read
  /// nothing behind the gap; 0 where Redis does not know.
  public func removedUnread(on connection: Connection) throws(RedisError) -> Int {
    let reply = try connection.run(GroupScripts.removedUnread, keys: [stream], arguments: [name])
    return Int(clamping: try reply.requireInteger(of: GroupScripts.removedUnread.name))
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

  /// Asks for the next entries without waiting for the answer, which `takeAhead` gives: the server reads them while the
  /// caller is busy with earlier ones. They are this consumer's, and pending, from then on.
  func readAhead(as consumer: String, limit: Int, on connection: Connection) throws(RedisError) {
    try connection.sendAhead(
      ["XREADGROUP", "GROUP", name, consumer, "COUNT", String(limit), "STREAMS", stream, ">"])
  }

  /// What `readAhead` has asked for; nothing where it was not called.
  func takeAhead(on connection: Connection) throws(RedisError) -> [Entry] {
    guard let reply = try connection.takeAhead() else { return [] }
    return try Entry.read(reply, of: "XREADGROUP")
  }

  /// Gives a sign of life. A Redis before 7.2 takes a reading that finds nothing new for none, so a consumer without work
  /// would look as if it were gone; a reading of its own entries, behind the last that can be, always is one.
  public func touch(as consumer: String, on connection: Connection) throws(RedisError) {
    try connection.call(touching(as: consumer))
  }

  func touching(as consumer: String) -> Command {
    ["XREADGROUP", "GROUP", name, consumer, "COUNT", "1", "STREAMS", stream, "\(UInt64.max)-\(UInt64.max - 1)"]
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
  /// What `readOwn` found among a consumer's own pending entries.
  public struct OwnRead: Sendable, Hashable {
    public enum Next: Sendable, Hashable {
      case entry(Delivery)
      /// An entry of so many bytes, which is more than was wanted; it was not sent.
      case tooLarge(id: String, bytes: Int)
      /// An entry that was delivered more often than wanted, this time included; it was not sent.
      case poison(id: String, deliveries: Int)
      /// Only entries that are gone, so far: read on behind this id.
      case more(after: String)
      case end
    }

    public let next: Next
    /// The entries before it that somebody had trimmed or deleted before anybody settled them. An alarm: each is recorded
    /// as a dead letter, and acknowledged.
    public let trimmed: [String]

    /// The entry, if it is one.
    public var delivery: Delivery? {
      if case .entry(let delivery) = next { delivery } else { nil }
    }
  }

  /// The consumer's first own pending entry behind `id`, which counts as one more delivery.
  public func readOwn(
    as consumer: String, after id: String, mostBytes: Int = .max, mostDeliveries: Int = .max, deadLetters: String,
    fence: Fence? = nil, on connection: Connection
  ) throws(RedisError) -> OwnRead {
    let name = GroupScripts.readOwn.script.name
    let reply = try GroupScripts.readOwn.run(
      fence: fence, keys: [stream, deadLetters],
      arguments: [self.name, consumer, id, String(mostBytes), String(mostDeliveries)], on: connection)
    let parts = try reply.requireArray(of: name)
    guard let gone = parts.first?.array else { throw reply.mismatch(name, wanted: "a list of ids") }
    let next: OwnRead.Next
    switch (parts.count, parts.dropFirst().first?.string) {
    case (2, "end"): next = .end
    case (3, "more"): next = .more(after: try parts[2].requireString(of: name))
    case (4, "large"):
      next = .tooLarge(
        id: try parts[2].requireString(of: name), bytes: Int(clamping: try parts[3].requireInteger(of: name)))
    case (4, "poison"):
      next = .poison(
        id: try parts[2].requireString(of: name), deliveries: Int(clamping: try parts[3].requireInteger(of: name)))
    case (4, "entry"):
      next = .entry(
        Delivery(
          try Entry(parts[3], of: name), deliveries: Int(clamping: try parts[2].requireInteger(of: name))))
    default: throw reply.mismatch(name, wanted: "a pending entry")
    }
    return OwnRead(next: next, trimmed: gone.compactMap(\.string))
  }

  /// What `claim` found with consumers gone silent.
  public struct Claimed: Sendable, Hashable {
    /// The entries that are this consumer's own pending ones now.
    public let ids: [String]
    /// The entries that somebody had trimmed or deleted before anybody settled them. An alarm: each is recorded as a dead
    /// letter, and acknowledged.
    public let trimmed: [String]
  }

  /// Takes over at most `limit` entries that other consumers have had for longer than `idle` without acknowledging
  /// them, those that are gone included. They are not delivered yet: read them with `readOwn`. The consumer's own entries
  /// are never touched.
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
      // trap: counted
      ids: try parts[0].requireArray(of: "claim").compactMap(\.string),
      // trap: counted
      trimmed: try parts[1].requireArray(of: "claim").compactMap(\.string))
  }

  /// Records entries in the stream of dead letters and acknowledges them, in one step.
  ///
  /// A dead letter has the fields `source` (the stream), `group`, `id`, `reason`, and each field of the entry under its
  /// name with `entry.` before it, byte for byte. An entry that is no longer in the stream has only the first four.
  ///
  /// - Parameter cut: The most bytes to keep of each value; nil keeps all. A `truncated` field follows then.
  public func deadLetter(
    _ entries: [(id: String, reason: String)], cut: Int? = nil, deadLetters: String, fence: Fence? = nil,
    on connection: Connection
  ) throws(RedisError) {
    guard !entries.isEmpty else { return }
    _ = try GroupScripts.deadLetter.run(
      fence: fence, keys: [stream, deadLetters],
      arguments: [name, String(cut ?? 0)] + entries.flatMap { [$0.id, $0.reason] },
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
