public import Redis

extension Group {
  /// The group's consumers. Throws the server's `NOGROUP` when the group does not exist.
  public var consumers: Query<[ConsumerInfo]> {
    Query(["XINFO", "CONSUMERS", stream, name]) { reply throws(RedisError) in
      try reply.requireArray(of: "XINFO CONSUMERS").map { (consumer) throws(RedisError) in
        try ConsumerInfo(consumer)
      }
    }
  }

  /// Another consumer that has asked for entries, or was given some, less than `silence` ago; nil when there is none.
  public func livelyOther(
    than consumer: String, silence: Duration, on connection: Connection
  ) throws(RedisError) -> ConsumerInfo? {
    do {
      return try connection.ask(consumers).first { $0.name != consumer && $0.idle < silence }
    } catch {
      // Neither group nor stream is there, so nobody reads it.
      if let code = error.serverError?.code, ["NOGROUP", "ERR"].contains(code) { return nil }
      throw error
    }
  }

  /// How much is pending, and with whom.
  public var pending: Query<PendingSummary> {
    Query(["XPENDING", stream, name]) { reply throws(RedisError) in try PendingSummary(reply) }
  }

  /// The pending entries that have been so for at least `idle`, the smallest ids first.
  public func pendingEntries(
    of consumer: String? = nil, idle: Duration = .zero, limit: Int
  ) -> Query<[PendingEntry]> {
    var command = Command("XPENDING", stream, name, "IDLE", String(idle.milliseconds), "-", "+", String(limit))
    if let consumer { command.append(consumer) }
    return Query(command) { reply throws(RedisError) in
      try reply.requireArray(of: "XPENDING").map { (entry) throws(RedisError) in try PendingEntry(entry) }
    }
  }

  /// How many entries lie behind `id`, counted up to `limit`: with the group's last delivered id, what is left to
  /// deliver. A `lag` above it means entries that were trimmed before anybody had them.
  public func undelivered(after id: String, limit: Int) -> Query<Int> {
    Query(["XRANGE", stream, "(" + id, "+", "COUNT", String(limit)]) { reply throws(RedisError) in
      try reply.requireArray(of: "XRANGE").count
    }
  }
}

extension Group {
  /// Where the group stands: the id that was delivered last. `nil` where there is no such group or stream.
  public func lastDelivered(on connection: Connection) throws(RedisError) -> String? {
    do {
      return try connection.ask(Stream(stream).groups).first { $0.name == name }?.lastDeliveredID
    } catch {
      if error.serverError?.message.contains("no such key") == true { return nil }
      throw error
    }
  }

  /// Sets where the group stands. What is pending stays so.
  public func setCursor(to id: String, on connection: Connection) throws(RedisError) {
    try connection.call(["XGROUP", "SETID", stream, name, id])
  }
}

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

/// What XPENDING tells of a whole group.
public struct PendingSummary: Sendable, Hashable {
  public let count: Int
  /// nil when nothing is pending.
  public let smallestID: String?
  public let greatestID: String?
  /// How many entries each consumer holds; consumers with none are not in it.
  public let byConsumer: [String: Int]

  init(_ reply: Reply) throws(RedisError) {
    // trap: counted
    guard let parts = reply.array, parts.count == 4, let count = parts[0].integer else {
      throw reply.mismatch("XPENDING", wanted: "a summary")
    }
    self.count = Int(clamping: count)
    // trap: counted
    smallestID = parts[1].string
    greatestID = parts[2].string
    var byConsumer: [String: Int] = [:]
    for pair in parts[3].array ?? [] {
      // trap: counted
      guard let pair = pair.array, pair.count == 2, let name = pair[0].string, let held = pair[1].integer else {
        throw reply.mismatch("XPENDING", wanted: "consumers and their counts")
      }
      byConsumer[name] = Int(clamping: held)
    }
    self.byConsumer = byConsumer
  }
}

/// One pending entry, as XPENDING lists them.
public struct PendingEntry: Sendable, Hashable {
  public let id: String
  public let consumer: String
  /// Since its last delivery.
  public let idle: Duration
  public let deliveries: Int

  init(_ reply: Reply) throws(RedisError) {
    // trap: counted
    guard let parts = reply.array, parts.count == 4, let id = parts[0].string, let consumer = parts[1].string,
      let idle = parts[2].integer, let deliveries = parts[3].integer
    else { throw reply.mismatch("XPENDING", wanted: "a pending entry") }
    self.id = id
    self.consumer = consumer
    self.idle = .milliseconds(idle)
    self.deliveries = Int(clamping: deliveries)
  }
}
