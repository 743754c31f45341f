internal import Basics
internal import Deployment
internal import Redis

/// Looks at a stream and its groups in one instant, inside Redis, and changes nothing (EVAL_RO, Redis 7).
///
/// One script rather than several commands: what is counted behind the last delivered entry, and what Redis' counters
/// say, contradict each other when entries come and go between two commands.
enum StreamScript {
  /// How many entries are counted at most: some 20 ms of Redis' time, spent only where so many wait.
  static let bound = 10_000

  /// - Parameter limits: the groups that are looked at closely, and how many waiting entries matter for each.
  static func command(key: String, limits: [(group: String, limit: Int)]) -> Command {
    var command = Command("EVAL_RO", source, "1", key, "\(bound)")
    for (group, limit) in limits {
      command.append(group)
      command.append(limit)
    }
    return command
  }

  /// KEYS: the stream. ARGV: the bound, then pairs of group and limit.
  /// Returns the type alone, or `stream, length, last-generated, max-deleted, added, first, groups`; a group is `name,
  /// pending, last-delivered, read, lag, waiting, exact, gone oldest, gone newest, gone count, oldest pending, longest
  /// pending, consumers`, the longest pending of the oldest hundred `id, consumer, idle ms`, a consumer `name, pending, idle
  /// ms`. A value that Redis does not have is nil.
  private static let source = """
    local key, bound = KEYS[1], tonumber(ARGV[1])
    local kind = redis.call('TYPE', key).ok
    if kind ~= 'stream' then return {kind} end
    local limits = {}
    for i = 2, #ARGV, 2 do limits[ARGV[i]] = tonumber(ARGV[i + 1]) end

    local function map(list)
      local result = {}
      for i = 1, #list, 2 do result[list[i]] = list[i + 1] end
      return result
    end
    local function pad(digits) return string.rep('0', 20 - #digits) .. digits end
    local function order(id)
      local ms, seq = string.match(id, '^(%d+)-(%d+)$')
      return pad(ms) .. pad(seq)
    end

    local info = map(redis.call('XINFO', 'STREAM', key))
    local length, last = info['length'], info['last-generated-id']
    local first = info['first-entry'] and info['first-entry'][1]

    local function waiting(delivered, most)
      if order(delivered) >= order(last) or not first then return 0, 1 end
      if order(first) > order(delivered) then return length, 1 end
      local count = #redis.call('XRANGE', key, '(' .. delivered, '+', 'COUNT', most)
      return count, count < most and 1 or 0
    end
    local function gone(name, pending)
      if pending == 0 then return {} end
      local oldest = redis.call('XPENDING', key, name)[2]
      if first and order(oldest) >= order(first) then return {} end
      local list = redis.call('XPENDING', key, name, '-', first and ('(' .. first) or '+', bound)
      return list
    end
    local function unsettled(name, pending)
      if pending == 0 then return false, {} end
      local list = redis.call('XPENDING', key, name, '-', '+', 100)
      local longest = list[1]
      for _, entry in ipairs(list) do
        if entry[3] > longest[3] then longest = entry end
      end
      return list[1][1], {longest[1], longest[2], longest[3]}
    end
    local function consumers(name)
      local result = {}
      for _, raw in ipairs(redis.call('XINFO', 'CONSUMERS', key, name)) do
        local consumer = map(raw)
        result[#result + 1] = {consumer['name'], consumer['pending'], consumer['idle']}
      end
      return result
    end

    local groups = {}
    for _, raw in ipairs(redis.call('XINFO', 'GROUPS', key)) do
      local group = map(raw)
      local name, pending, delivered = group['name'], group['pending'], group['last-delivered-id']
      local limit, known = limits[name], {}
      local behind, exact, lost, oldest, longest = 0, 1, {}, false, {}
      if limit then
        behind, exact = waiting(delivered, math.min(math.max(limit, group['lag'] or 0) + 1, bound))
        lost = gone(name, pending)
        oldest, longest = unsettled(name, pending)
      end
      if group['consumers'] > 0 and (limit or pending > 0 or order(delivered) < order(last)) then
        known = consumers(name)
      end
      groups[#groups + 1] = {
        name, pending, delivered, group['entries-read'] or false, group['lag'] or false, behind, exact,
        lost[1] and lost[1][1] or false, lost[#lost] and lost[#lost][1] or false, #lost, oldest, longest,
        known
      }
    end
    return {
      kind, length, last, info['max-deleted-entry-id'] or '0-0', info['entries-added'] or false, first or false, groups
    }
    """
}

extension StreamScript {
  /// What a reply to ``command(key:limits:)`` says.
  static func read(_ reply: Reply) -> Result<KeyView, ProbeError> {
    if let error = reply.serverError { return .failure(ProbeError(RedisTrouble.text(error))) }
    guard let parts = reply.array, let kind = parts.first?.string else { return malformed }
    if kind == "none" { return .success(.none) }
    guard kind == "stream" else { return .success(.other(kind)) }
    // trap: counted
    guard parts.count == 7, let length = number(parts[1]), let last = id(parts[2]), let deleted = id(parts[3]),
      let rawGroups = parts[6].array
    else { return malformed }
    var view = StreamView(
      length: length, lastGenerated: last, maxDeleted: deleted, added: number(parts[4]),
      first: id(parts[5]))
    for raw in rawGroups {
      guard let group = group(raw) else { return malformed }
      view.groups.append(group)
    }
    return .success(.stream(view))
  }

  private static let malformed = Result<KeyView, ProbeError>.failure(
    ProbeError("Redis described the stream in an unknown form; version 7 or later is needed"))

  /// A number that is absurd is cut, so that whatever Redis says can be added up.
  static func number(_ reply: Reply) -> Int? { reply.integer.map { Int(clamping: min(max($0, 0), 1 << 56)) } }

  static func id(_ reply: Reply) -> EntryID? { reply.string.flatMap { EntryID($0) } }

  /// A name as text; the bytes of one that is not UTF-8 are repaired, for it is only shown.
  private static func name(_ reply: Reply) -> String? {
    reply.string ?? reply.rawBytes.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func group(_ reply: Reply) -> GroupView? {
    // trap: counted
    guard let parts = reply.array, parts.count == 13, let name = name(parts[0]), let pending = number(parts[1]),
      let delivered = id(parts[2]), let behind = number(parts[5]), let exact = number(parts[6]),
      let goneCount = number(parts[9]), let longest = parts[11].array,
      let rawConsumers = parts[12].array
    else { return nil }
    var group = GroupView(name: name, pending: pending, lastDelivered: delivered)
    group.read = number(parts[3])
    group.lag = number(parts[4])
    group.waiting = exact == 1 ? .exactly(behind) : .atLeast(behind)
    if let oldest = id(parts[7]), let newest = id(parts[8]) {
      let count = goneCount
      group.gone = GroupView.Gone(
        oldest: oldest, newest: newest, count: count < bound ? .exactly(count) : .atLeast(count))
    }
    group.oldestPending = id(parts[10])
    // trap: counted
    if longest.count == 3, let id = id(longest[0]), let consumer = self.name(longest[1]), let idle = number(longest[2])
    {
      group.longestPending = PendingView(id: id, consumer: consumer, idle: .milliseconds(idle))
    }
    for raw in rawConsumers {
      // trap: counted
      guard let consumer = raw.array, consumer.count == 3, let name = self.name(consumer[0]),
        // trap: counted
        let pending = number(consumer[1]), let idle = number(consumer[2])
      else { return nil }
      group.consumers.append(ConsumerView(name: name, pending: pending, idle: .milliseconds(idle)))
    }
    return group
  }
}
