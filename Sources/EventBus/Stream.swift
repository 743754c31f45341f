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

  /// The newest entries, the newest first.
  public func newest(limit: Int) -> Query<[Entry]> {
    Query(["XREVRANGE", name, "+", "-", "COUNT", String(limit)]) { reply throws(RedisError) in
      try Entry.list(reply, of: "XREVRANGE")
    }
  }
}
