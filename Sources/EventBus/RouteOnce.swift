public import Redis

/// Turns entries of one stream into entries of another, each exactly once, in one script for a whole batch. An entry may
/// also be answered at once, with a result of its own, or with nothing at all.
///
/// For each entry the script looks up the key; absent, it appends the new entry first and then sets the key, so that a
/// refused append leaves no key that would suppress the entry for as long as the key lives; then it acknowledges.
public struct RouteOnce: Sendable {
  public let group: Group
  public let target: String
  public let deadLetters: String
  /// The stream of the results that are given at once.
  public let results: String
  /// How long a key keeps a repetition out.
  public let lifetime: Duration
  /// How long the state of what was settled at once is kept, as `SettleOnce` keeps it.
  public let stateLifetime: Duration

  public init(
    from group: Group, to target: String, deadLetters: String, results: String = "",
    lifetime: Duration = .seconds(86400), stateLifetime: Duration = .seconds(30 * 86400)
  ) {
    self.group = group
    self.target = target
    self.deadLetters = deadLetters
    self.results = results
    self.lifetime = lifetime
    self.stateLifetime = stateLifetime
  }

  /// What is to be done with one entry of the batch.
  public enum Item: Sendable, Hashable {
    /// Append `fields` to the target unless `key` is taken.
    ///
    /// - Parameters:
    ///   - id: The entry of the source.
    ///   - key: Names the effect, such as a trace id under its prefix.
    ///   - digest: Of what the entry says: tells a repetition from a conflict. It may be the text itself.
    case publish(id: String, key: String, digest: String, fields: [Field])
    /// Append `fields` to the results unless `key` is taken, and store the terminal state as `SettleOnce` does.
    ///
    /// - Parameter state: The key of the state; one that is there already makes this a duplicate.
    case settle(id: String, key: String, digest: String, state: String, terminal: String, fields: [Field])
    /// Take the key, and do nothing else.
    case pass(id: String, key: String, digest: String)
    /// Malformed: to the dead letters.
    case deadLetter(id: String, reason: String)

    /// The entry of the source.
    public var id: String {
      switch self {
      case .publish(let id, _, _, _), .settle(let id, _, _, _, _, _), .pass(let id, _, _), .deadLetter(let id, _): id
      }
    }
  }

  public enum Result: Sendable, Hashable {
    /// Appended under this id.
    case published(id: String)
    /// The result was appended under this id.
    case settled(id: String)
    case passed
    /// The key is taken, by what this id names: skipped.
    case duplicate(of: String)
    /// As above, and the first one had another digest, which is told: recorded as a dead letter.
    case conflict(with: String, digest: String)
    case deadLettered
    /// Not pending any more: while this process was paused another one has dealt with it. Nothing was done.
    case gone
  }

  /// Carries out a batch; every entry is acknowledged in the same step. Results stand in the order of the items.
  ///
  /// Batches of about 64 are worth it: one call each is half as fast. When it throws a server's error, nothing was
  /// lost and nothing suppressed: what was not acknowledged is delivered again, and skipped if it was published.
  public func run(_ items: [Item], on connection: Connection) throws(RedisError) -> [Result] {
    var batch: [Item]? = items
    return try run(on: connection) {
      defer { batch = nil }
      return batch
    }
  }

  /// As above for one batch after the other; each is made while the server works on the one before.
  ///
  /// - Parameter next: makes a batch; nil ends it.
  public func run(on connection: Connection, each next: () -> [Item]?) throws(RedisError) -> [Result] {
    var count = 0
    let replies = try connection.run(Self.script) {
      guard let items = next(), !items.isEmpty else { return nil }
      count += items.count
      return call(items)
    }
    var results: [Result] = []
    results.reserveCapacity(count)
    for reply in replies {
      for result in try reply.requireArray(of: Self.script.name) { results.append(try Self.result(result)) }
    }
    guard results.count == count else {
      throw .unexpected(command: Self.script.name, wanted: "\(count) results", got: "\(results.count)")
    }
    return results
  }

  private static func result(_ reply: Reply) throws(RedisError) -> Result {
    let text = try reply.requireString(of: script.name)
    let id = String(text.dropFirst())
    switch text.first {
    case "P": return .published(id: id)
    case "R": return .settled(id: id)
    case "H": return .passed
    case "S": return .duplicate(of: id)
    case "C":
      let words = id.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { throw reply.mismatch(script.name, wanted: "an id and a digest") }
      // trap: counted
      return .conflict(with: String(words[0]), digest: String(words[1]))
    case "D": return .deadLettered
    case "G": return .gone
    default: throw reply.mismatch(script.name, wanted: "a result")
    }
  }
}
