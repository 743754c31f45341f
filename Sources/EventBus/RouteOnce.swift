public import Redis

/// Turns entries of one stream into entries of another, each exactly once, in one script for a whole batch.
///
/// For each entry the script looks up the key; absent, it appends the new entry first and then sets the key, so that a
/// refused append leaves no key that would suppress the entry for as long as the key lives; then it acknowledges.
public struct RouteOnce: Sendable {
  public let group: Group
  public let target: String
  public let deadLetters: String
  /// How long a key keeps a repetition out.
  public let lifetime: Duration

  public init(from group: Group, to target: String, deadLetters: String, lifetime: Duration = .seconds(86400)) {
    self.group = group
    self.target = target
    self.deadLetters = deadLetters
    self.lifetime = lifetime
  }

  /// What is to be done with one entry of the batch.
  public enum Item: Sendable, Hashable {
    /// Append `fields` to the target unless `key` is taken.
    ///
    /// - Parameters:
    ///   - id: The entry of the source.
    ///   - key: Names the effect, such as a trace id under its prefix.
    ///   - digest: Of the payload, without spaces: tells a repetition from a conflict.
    case publish(id: String, key: String, digest: String, fields: [Field])
    /// Malformed: to the dead letters.
    case deadLetter(id: String, reason: String)
  }

  public enum Result: Sendable, Hashable {
    /// Appended under this id.
    case published(id: String)
    /// The same payload has been published before, under this id: skipped.
    case duplicate(of: String)
    /// Another payload has been published under the same key, with this id: not published, recorded as a dead letter.
    case conflict(with: String)
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

  private func call(_ items: [Item]) -> Script.Call {
    var keys = [group.stream, target, deadLetters]
    var arguments = Command(group.name, String(max(1, lifetime.components.seconds)))
    for item in items {
      switch item {
      case .publish(let id, let key, let digest, let fields):
        keys.append(key)
        arguments.append("P")
        arguments.append(id)
        arguments.append(digest)
        arguments.append(fields.count * 2)
        for field in fields {
          arguments.append(field.name)
          arguments.append(field.value)
        }
      case .deadLetter(let id, let reason):
        arguments.append("D")
        arguments.append(id)
        arguments.append(reason)
      }
    }
    return Script.Call(keys: keys, arguments: arguments)
  }

  private static func result(_ reply: Reply) throws(RedisError) -> Result {
    let text = try reply.requireString(of: script.name)
    let id = String(text.dropFirst())
    switch text.first {
    case "P": return .published(id: id)
    case "S": return .duplicate(of: id)
    case "C": return .conflict(with: id)
    case "D": return .deadLettered
    case "G": return .gone
    default: throw reply.mismatch(script.name, wanted: "a result")
    }
  }
}

extension RouteOnce {
  /// KEYS: source, target, dead letters, then the key of each entry to publish, in order.
  /// ARGV: group, seconds, then for each entry either `P id digest n` and n names and values, or `D id reason`.
  ///
  /// A key's value is `<id> <digest>`: the id of what was published comes first, so that an operator finds it; a value
  /// without a digest is another program's, and stands for the same payload.
  public static let script = Script(
    name: "route once",
    source: Lua.deadLetter + """
      local group, seconds = ARGV[1], ARGV[2]
      local results, done, at, key = {}, {}, 3, 4
      while at <= #ARGV do
        local id = ARGV[at + 1]
        local isPending = #redis.call('XPENDING', KEYS[1], group, id, id, 1) > 0
        if ARGV[at] == 'D' then
          if isPending then dead_letter(KEYS[1], group, KEYS[3], id, ARGV[at + 2]) end
          results[#results + 1] = isPending and 'D' or 'G'
          at = at + 3
        else
          local digest, count = ARGV[at + 2], tonumber(ARGV[at + 3])
          local known = redis.call('GET', KEYS[key])
          if not isPending then
            results[#results + 1] = 'G'
          elseif not known then
            local new = redis.call('XADD', KEYS[2], '*', unpack(ARGV, at + 4, at + 3 + count))
            redis.call('SET', KEYS[key], new .. ' ' .. digest, 'EX', seconds)
            done[#done + 1] = id
            results[#results + 1] = 'P' .. new
          else
            local space = string.find(known, ' ', 1, true)
            local before = space and string.sub(known, 1, space - 1) or known
            if space and string.sub(known, space + 1) ~= digest then
              dead_letter(KEYS[1], group, KEYS[3], id, 'conflict: another payload was published as ' .. before)
              results[#results + 1] = 'C' .. before
            else
              done[#done + 1] = id
              results[#results + 1] = 'S' .. before
            end
          end
          at = at + 4 + count
          key = key + 1
        end
      end
      if #done > 0 then redis.call('XACK', KEYS[1], group, unpack(done)) end
      return results
      """)
}
