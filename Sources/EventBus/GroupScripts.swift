internal import Redis

/// What a group needs done in one step.
enum GroupScripts {
  /// KEYS: stream. ARGV: id…
  static let acknowledge = FencedScript(
    name: "acknowledge",
    source: """
      local ids = {}
      for i = 3, #ARGV do ids[#ids + 1] = ARGV[i] end
      return redis.call('XACK', KEYS[2], ARGV[2], unpack(ids))
      """)

  /// KEYS: stream, dead letters. ARGV: group, then id and reason of each.
  static let deadLetter = FencedScript(
    name: "dead letter",
    source: Lua.deadLetter + """
      for i = 3, #ARGV, 2 do
        dead_letter(KEYS[2], ARGV[2], KEYS[3], ARGV[i], ARGV[i + 1])
      end
      return (#ARGV - 2) / 2
      """)

  /// The first pending entry of a consumer behind an id, delivered once more, with the number of its deliveries.
  /// KEYS: stream. ARGV: group, consumer, id.
  static let own = FencedScript(
    name: "read own pending",
    source: """
      local pending = redis.call('XPENDING', KEYS[2], ARGV[2], '(' .. ARGV[4], '+', 1, ARGV[3])[1]
      if not pending then return false end
      local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', 1, 'STREAMS', KEYS[2], ARGV[4])
      return {pending[4] + 1, read[1][2][1]}
      """)

  /// Takes over what other consumers have left lying. JUSTID: the delivery counts when the entry is read, one by one,
  /// so that an entry that ends its process does not make its neighbours look like poison.
  /// An entry that is pending but no longer in the stream is recorded as a dead letter here, since XCLAIM would drop it.
  /// KEYS: stream, dead letters. ARGV: group, consumer, idle in milliseconds, limit.
  static let claim = FencedScript(
    name: "claim",
    source: Lua.deadLetter + """
      local claimed, gone, left = {}, {}, tonumber(ARGV[5])
      for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[2], ARGV[2])) do
        local about = {}
        for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
        if about.name ~= ARGV[3] and about.pending > 0 and left > 0 then
          local list = redis.call('XPENDING', KEYS[2], ARGV[2], 'IDLE', ARGV[4], '-', '+', left, about.name)
          for _, item in ipairs(list) do
            local id = item[1]
            if #redis.call('XRANGE', KEYS[2], id, id) == 0 then
              dead_letter(KEYS[2], ARGV[2], KEYS[3], id, 'trimmed while pending')
              gone[#gone + 1] = id
            else
              redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], ARGV[4], id, 'JUSTID')
              claimed[#claimed + 1] = id
            end
            left = left - 1
          end
        end
      end
      return {claimed, gone}
      """)

  /// KEYS: stream. ARGV: group, consumer.
  static let leave = FencedScript(
    name: "leave group",
    source: """
      if #redis.call('XPENDING', KEYS[2], ARGV[2], '-', '+', 1, ARGV[3]) > 0 then return 0 end
      redis.call('XGROUP', 'DELCONSUMER', KEYS[2], ARGV[2], ARGV[3])
      return 1
      """)

  /// Takes one delivery back from the count of each entry that is still this consumer's. KEYS: stream. ARGV: group,
  /// consumer, id…
  static let forgive = FencedScript(
    name: "forgive",
    source: """
      for i = 4, #ARGV do
        local item = redis.call('XPENDING', KEYS[2], ARGV[2], ARGV[i], ARGV[i], 1)[1]
        if item and item[2] == ARGV[3] then
          redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, ARGV[i], 'RETRYCOUNT', math.max(0, item[4] - 1), 'JUSTID')
        end
      end
      return redis.status_reply('OK')
      """)
}

/// A script that begins by comparing the caller's epoch: KEYS[1] is the fence's key, ARGV[1] its epoch, or empty for
/// none. What follows are the script's own keys and arguments.
struct FencedScript: Sendable {
  let script: Script

  init(name: String, source: String) {
    script = Script(name: name, source: Self.prelude + source)
  }

  func run(
    fence: Fence?, keys: [String], arguments: [String], on connection: Connection
  ) throws(RedisError) -> Reply {
    // Without a fence the first key is one of the script's own, so that no key is named that is not used.
    let all = [fence?.key ?? keys.first ?? ""] + keys
    return try connection.run(script, keys: all, arguments: [fence.map { String($0.epoch) } ?? ""] + arguments)
  }

  private static let prelude = """
    if ARGV[1] ~= '' then
      local current = redis.call('GET', KEYS[1])
      if current ~= ARGV[1] then
        return redis.error_reply('STALEEPOCH epoch ' .. ARGV[1] .. ' was overtaken by ' .. tostring(current))
      end
    end

    """
}

/// Pieces of Lua that several scripts share.
enum Lua {
  /// `dead_letter(source, group, dead, id, reason)`: records an entry as a dead letter, then acknowledges it. The record comes
  /// first, as the stream of dead letters may refuse it. The entry's fields are copied inside the server, byte for byte;
  /// Lua's stack holds no more than 8,000 of them, hence the bound.
  static let deadLetter = """
    local function dead_letter(source, group, dead, id, reason)
      local record = {'source', source, 'group', group, 'id', id, 'reason', reason}
      local found = redis.call('XRANGE', source, id, id)[1]
      if found then
        local fields = found[2]
        for i = 1, math.min(#fields, 2000), 2 do
          record[#record + 1] = 'entry.' .. fields[i]
          record[#record + 1] = fields[i + 1]
        end
        if #fields > 2000 then
          record[#record + 1] = 'truncated'
          record[#record + 1] = tostring(#fields / 2)
        end
      end
      redis.call('XADD', dead, '*', unpack(record))
      redis.call('XACK', source, group, id)
    end

    """
}
