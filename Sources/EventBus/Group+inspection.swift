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
