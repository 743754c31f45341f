public import Redis

/// A mark that a Redis carries from its first use on, so that one that lost its data can be told from a new one.
///
/// The caller keeps the mark outside of Redis as well (`remembered`) and decides what a verdict means for it.
public struct Genesis: Sendable, Hashable {
  public let key: String

  public init(key: String) {
    self.key = key
  }

  public enum Verdict: Sendable, Hashable {
    /// Neither side knows a mark: a new Redis and a new caller. `establish` a mark.
    case new
    /// Redis has a mark and the caller none: the caller is new, or lost its own memory. The mark is to be remembered.
    case unfamiliar(mark: String)
    /// Both have the same mark.
    case same
    /// The caller remembers a mark and Redis has none: it lost its data.
    case lost(remembered: String)
    /// Both have a mark and they differ: another Redis, or one that lost its data and was marked again.
    case other(mark: String, remembered: String)
  }

  /// What a mark found and a mark remembered say together.
  public static func verdict(found: String?, remembered: String?) -> Verdict {
    switch (found, remembered) {
    case (nil, nil): .new
    case (nil, let remembered?): .lost(remembered: remembered)
    case (let found?, nil): .unfamiliar(mark: found)
    case (let found?, let remembered?):
      found == remembered ? .same : .other(mark: found, remembered: remembered)
    }
  }

  public func verdict(remembered: String?, on connection: Connection) throws(RedisError) -> Verdict {
    Self.verdict(found: try connection.call(["GET", key]).string, remembered: remembered)
  }

  /// Sets the mark unless there is one, and returns the one that counts from now on.
  public func establish(_ mark: String, on connection: Connection) throws(RedisError) -> String {
    try connection.call(["SET", key, mark, "NX", "GET"]).string ?? mark
  }
}
