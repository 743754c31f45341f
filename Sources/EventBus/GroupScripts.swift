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

  /// KEYS: stream, dead letters. ARGV: group, the most bytes to keep of each value or 0 for all, then id and reason of
  /// each.
  static let deadLetter = FencedScript(
    name: "dead letter",
    source: Lua.deadLetter + """
      for i = 4, #ARGV, 2 do
        dead_letter(KEYS[2], ARGV[2], KEYS[3], ARGV[i], ARGV[i + 1], tonumber(ARGV[3]))
      end
      return (#ARGV - 3) / 2
      """)

  /// The first pending entry of a consumer behind an id, delivered once more, with the number of its deliveries. Pending
  /// entries before it that are no longer in the stream are recorded as dead letters on the way, at most 256 at once. An
  /// entry of more bytes than wanted, or delivered more often, is named and not sent: to read it may be what ends a process.
  /// KEYS: stream, dead letters. ARGV: group, consumer, id, most bytes, most deliveries.
  static let readOwn = FencedScript(
    name: "read own pending",
    source: Lua.deadLetter + """
      local gone, after = {}, ARGV[4]
      while #gone < 256 do
        local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', 1, 'STREAMS', KEYS[2], after)
        local entry = read and read[1] and read[1][2][1]
        if not entry then return {gone, 'end'} end
        local id, fields = entry[1], entry[2]
        if fields then
          local bytes = 0
          for i = 1, #fields do bytes = bytes + #fields[i] end
          if bytes > tonumber(ARGV[5]) then return {gone, 'large', id, bytes} end
          local count = redis.call('XPENDING', KEYS[2], ARGV[2], id, id, 1)[1][4]
          if count > tonumber(ARGV[6]) then return {gone, 'poison', id, count} end
          return {gone, 'entry', count, entry}
        end
        dead_letter(KEYS[2], ARGV[2], KEYS[3], id, 'trimmed while pending')
        gone[#gone + 1] = id
        after = id
      end
      return {gone, 'more', after}
      """)

  /// Takes over what other consumers have left lying. JUSTID: the delivery counts when the entry is read, one by one,
  /// so that an entry that ends its process does not make its neighbours look like poison.
  /// XCLAIM takes an entry that is pending but no longer in the stream out of the pending ones and does not return it; it
  /// is recorded as a dead letter. XLEN refuses, before anything is changed, where the dead letters are no stream.
  /// KEYS: stream, dead letters. ARGV: group, consumer, idle in milliseconds, limit.
  static let claim = FencedScript(
    name: "claim",
    source: Lua.deadLetter + """
      local claimed, gone, left = {}, {}, tonumber(ARGV[5])
      redis.call('XLEN', KEYS[3])
      for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[2], ARGV[2])) do
        local about = {}
        for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
        if about.name ~= ARGV[3] and about.pending > 0 and left > 0 then
          local list = redis.call('XPENDING', KEYS[2], ARGV[2], 'IDLE', ARGV[4], '-', '+', left, about.name)
          local call, taken = {'XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0}, {}
          for _, item in ipairs(list) do call[#call + 1] = item[1] end
          call[#call + 1] = 'JUSTID'
          if #list > 0 then
            for _, id in ipairs(redis.call(unpack(call))) do
              taken[id] = true
              claimed[#claimed + 1] = id
            end
          end
          for _, item in ipairs(list) do
            if not taken[item[1]] then
              dead_letter(KEYS[2], ARGV[2], KEYS[3], item[1], 'trimmed while pending')
              gone[#gone + 1] = item[1]
            end
          end
          left = left - #list
        end
      end
      return {claimed, gone}
      """)

  /// Creates a group at the stream's beginning, unless it exists. What was removed from the stream before counts as read,
  /// so that a later loss can be counted.
  /// KEYS: stream. ARGV: group.
  static let ensure = Script(
    name: "create group",
    source: """
      local gone = 0
      if redis.call('EXISTS', KEYS[1]) == 1 then
        local info, about = redis.call('XINFO', 'STREAM', KEYS[1]), {}
        for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
        gone = math.max(0, (about['entries-added'] or about.length) - about.length)
      end
      local made = redis.pcall(
        'XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM', 'ENTRIESREAD', string.format('%.0f', gone))
      if not made.err then return 1 end
      if string.find(made.err, 'BUSYGROUP', 1, true) then return 0 end
      return made
      """)

  /// How many entries were removed before the group had read them, as far as Redis knows. As long as the head of what is
  /// unread is there, nothing was; else whatever was added, not read and is not there is lost.
  /// KEYS: stream. ARGV: group.
  static let removedUnread = Script(
    name: "removed unread",
    source: Lua.less + """
      if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
      local function about(info)
        local names = {}
        for i = 1, #info, 2 do names[info[i]] = info[i + 1] end
        return names
      end
      local stream, group = about(redis.call('XINFO', 'STREAM', KEYS[1])), nil
      for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
        local each = about(info)
        if each.name == ARGV[1] then group = each end
      end
      local first = stream['first-entry']
      if not group or not group['entries-read'] or not stream['entries-added'] then return 0 end
      if first and not less(group['last-delivered-id'], first[1]) then return 0 end
      return math.max(0, stream['entries-added'] - group['entries-read'] - stream.length)
      """)

  /// KEYS: stream. ARGV: group, consumer.
  static let leave = FencedScript(
    name: "leave group",
    source: """
      if #redis.call('XPENDING', KEYS[2], ARGV[2], '-', '+', 1, ARGV[3]) > 0 then return 0 end
      redis.call('XGROUP', 'DELCONSUMER', KEYS[2], ARGV[2], ARGV[3])
      return 1
      """)

  /// Takes one delivery back from the count of each entry that is still this consumer's. One that was trimmed stays as it
  /// is, since XCLAIM would take it out of the pending ones without a word: ``readOwn`` records it. KEYS: stream. ARGV:
  /// group, consumer, id…
  static let forgive = FencedScript(
    name: "forgive",
    source: """
      for i = 4, #ARGV do
        local item = redis.call('XPENDING', KEYS[2], ARGV[2], ARGV[i], ARGV[i], 1)[1]
        if item and item[2] == ARGV[3] and #redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i]) > 0 then
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
    try connection.run(script, call(fence: fence, keys: keys, arguments: arguments))
  }

  /// One run of it, to be sent with others.
  func call(fence: Fence?, keys: [String], arguments: [String]) -> Script.Call {
    // Without a fence the first key is one of the script's own, so that no key is named that is not used.
    var all = Command(fence.map { String($0.epoch) } ?? "")
    all.append(contentsOf: arguments)
    return Script.Call(keys: [fence?.key ?? keys.first ?? ""] + keys, arguments: all)
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
  /// `dead_letter(source, group, dead, id, reason, cut)`: records an entry as a dead letter, then acknowledges it. The
  /// record comes first, as the stream of dead letters may refuse it. The entry's fields are copied inside the server,
  /// byte for byte, or cut to `cut` bytes each where it is given; Lua's stack holds no more than 8,000 of them, hence the
  /// bound.
  static let deadLetter = """
    local function dead_letter(source, group, dead, id, reason, cut)
      local record = {'source', source, 'group', group, 'id', id, 'reason', reason}
      local found = redis.call('XRANGE', source, id, id)[1]
      if found then
        local fields, is_cut = found[2], #found[2] > 2000
        for i = 1, math.min(#fields, 2000), 2 do
          local name, value = fields[i], fields[i + 1]
          if cut and cut > 0 and #name + #value > cut then
            name, value, is_cut = string.sub(name, 1, cut), string.sub(value, 1, cut), true
          end
          record[#record + 1] = 'entry.' .. name
          record[#record + 1] = value
        end
        if is_cut then
          record[#record + 1] = 'truncated'
          record[#record + 1] = tostring(#fields / 2)
        end
      end
      redis.call('XADD', dead, '*', unpack(record))
      redis.call('XACK', source, group, id)
    end

    """

  /// `less(a, b)` of two entry ids. They are compared as text, since their numbers have 64 bits and Lua's 53.
  static let less = """
    local function less(a, b)
      local am, as = string.match(a, '(%d+)-(%d+)')
      local bm, bs = string.match(b, '(%d+)-(%d+)')
      if am ~= bm then
        if #am ~= #bm then return #am < #bm end
        return am < bm
      end
      if #as ~= #bs then return #as < #bs end
      return as < bs
    end

    """
}
