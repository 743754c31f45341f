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

  private func call(_ items: [Item]) -> Script.Call {
    // A stream without a name is none: no command may name a key that is not used.
    var keys = [group.stream, target, deadLetters, results.isEmpty ? target : results]
    var arguments = Command(
      group.name, String(max(1, lifetime.components.seconds)), String(max(1, stateLifetime.components.seconds)),
      items.first?.id ?? "-", items.last?.id ?? "+", String(items.count))
    func add(_ operation: String, _ id: String, _ digest: String, _ fields: [Field]) {
      arguments.append(operation)
      arguments.append(id)
      arguments.append(digest)
      arguments.append(fields.count * 2)
      for field in fields {
        arguments.append(field.name)
        arguments.append(field.value)
      }
    }
    for item in items {
      switch item {
      case .publish(let id, let key, let digest, let fields):
        keys.append(key)
        add("P", id, digest, fields)
      case .settle(let id, let key, let digest, let state, let terminal, let fields):
        keys += [key, state]
        add("R", id, digest, fields)
        arguments.append(terminal)
      case .pass(let id, let key, let digest):
        keys.append(key)
        add("H", id, digest, [])
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

extension RouteOnce {
  /// KEYS: source, target, dead letters, results, then for each entry but the malformed ones its key, and the key of its
  /// state where it is settled.
  /// ARGV: group, seconds of a key, seconds of a state, id of the first entry, id of the last, their number, then for each
  /// entry `P id digest n` and n names and values, `R id digest n …` with the terminal state behind them, `H id digest 0`,
  /// or `D id reason`.
  ///
  /// What is pending is looked up for the whole batch at once; where entries of other consumers lie between, or the batch
  /// is in no order, the rest is asked for one by one.
  ///
  /// A key's value is `<id> <digest>`: the id of what was published comes first, so that an operator finds it. A value
  /// without a digest is another program's, and one with a digest of 64 hexadecimal digits is of an earlier version that
  /// digested the whole payload: both stand for the same message. HMGET comes first as it is what fails, before anything is
  /// written, when the state's key is of another type.
  public static let script = Script(
    name: "route once",
    source: Lua.deadLetter + """
      local group, seconds, state_seconds = ARGV[1], ARGV[2], ARGV[3]
      local results, done, at, key = {}, {}, 7, 5
      local pending = {}
      for _, item in ipairs(redis.call('XPENDING', KEYS[1], group, ARGV[4], ARGV[5], ARGV[6])) do pending[item[1]] = true end

      local function skip(id, known, digest)
        local space = string.find(known, ' ', 1, true)
        local before = space and string.sub(known, 1, space - 1) or known
        local first = space and string.sub(known, space + 1)
        if not first or first == digest or (#first == 64 and string.match(first, '^%x+$')) then
          done[#done + 1] = id
          return 'S' .. before
        end
        dead_letter(KEYS[1], group, KEYS[3], id, 'conflict: ' .. before .. ' was "' .. first .. '", this is "' .. digest .. '"')
        return 'C' .. known
      end

      while at <= #ARGV do
        local what, id = ARGV[at], ARGV[at + 1]
        local is_pending = pending[id] or #redis.call('XPENDING', KEYS[1], group, id, id, 1) > 0
        if what == 'D' then
          if is_pending then dead_letter(KEYS[1], group, KEYS[3], id, ARGV[at + 2]) end
          results[#results + 1] = is_pending and 'D' or 'G'
          at = at + 3
        else
          local digest, last = ARGV[at + 2], at + 3 + tonumber(ARGV[at + 3])
          local known = redis.call('GET', KEYS[key])
          local state = what == 'R' and redis.call('HMGET', KEYS[key + 1], 'terminal', 'owner') or {}
          local begun = state[1] or state[2]
          if not is_pending then
            results[#results + 1] = 'G'
          elseif known then
            results[#results + 1] = skip(id, known, digest)
          elseif begun then
            results[#results + 1] = skip(id, begun, digest)
          else
            local new = id
            if what == 'P' then
              new = redis.call('XADD', KEYS[2], '*', unpack(ARGV, at + 4, last))
            elseif what == 'R' then
              new = redis.call('XADD', KEYS[4], '*', unpack(ARGV, at + 4, last))
              redis.call('HSET', KEYS[key + 1], 'terminal', ARGV[last + 1], 'result_id', new, 'order', digest)
              redis.call('EXPIRE', KEYS[key + 1], state_seconds)
            end
            redis.call('SET', KEYS[key], new .. ' ' .. digest, 'EX', seconds)
            done[#done + 1] = id
            results[#results + 1] = what .. new
          end
          at, key = last + 1, key + 1
          if what == 'R' then at, key = at + 1, key + 1 end
        end
      end
      if #done > 0 then redis.call('XACK', KEYS[1], group, unpack(done)) end
      return results
      """)
}
