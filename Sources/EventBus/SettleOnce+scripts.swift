extension SettleOnce {
  /// KEYS: claim, state, the claim's other name, the lookalike's; each of the two may be the first once more. ARGV: owner, seconds of the claim, seconds of the
  /// state, milliseconds of the window, order.
  ///
  /// The state outlives the claim, so an owner whose claim has expired is still one that comes back. HSET comes before
  /// SET because only HSET can be refused for the key's type. A claim of this owner without a state counts as resumed:
  /// to ask the outside once too often costs nothing. `1` is what the services before ours wrote for a holder, who is never
  /// this owner. It gets no window here, or asking again and again would keep one
  /// open for ever.
  static let claimScript = FencedScript(
    name: "claim order",
    source: """
      local owner = ARGV[2]
      local state = redis.call('HMGET', KEYS[3], 'terminal', 'result_id', 'owner', 'until', 'order')
      if state[1] then return {'settled', state[1], state[2] or '', state[5] or ''} end
      local holder = redis.call('GET', KEYS[2]) or (KEYS[4] ~= KEYS[2] and redis.call('GET', KEYS[4]))
      if not holder and KEYS[5] ~= KEYS[2] then
        local other = redis.call('GET', KEYS[5])
        local prefix = string.sub(KEYS[3], 1, #KEYS[3] - #owner)
        if other == '1' or (other and redis.call('HGET', prefix .. other, 'order') == ARGV[6]) then holder = other end
      end
      if not state[3] and holder and (holder ~= owner or holder == '1') then return {'twin', holder} end
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      local isFresh = not state[3] and not holder
      local ending = string.format('%.0f', isFresh and now + ARGV[5] or tonumber(state[4] or now))
      local order = state[5] or ARGV[6]
      redis.call('HSET', KEYS[3], 'owner', owner, 'epoch', ARGV[1], 'until', ending, unpack(order ~= '' and {'order', order} or {}))
      redis.call('EXPIRE', KEYS[3], ARGV[4])
      if not holder then
        redis.call('SET', KEYS[2], owner, 'EX', ARGV[3])
        if KEYS[4] ~= KEYS[2] then redis.call('SET', KEYS[4], owner, 'EX', ARGV[3]) end
      end
      if isFresh then return {'fresh', ending} end
      return {'resumed', ending, state[5] or ''}
      """)

  /// KEYS: state. ARGV: milliseconds of the window.
  static let reopenScript = FencedScript(
    name: "reopen window",
    source: """
      local time = redis.call('TIME')
      local ending = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2])
      redis.call('HSET', KEYS[2], 'until', ending)
      return ending
      """)

  /// KEYS: source, state, results. ARGV: group, id, seconds of the state, terminal state, order, names and values.
  ///
  /// HMGET comes first as it is what fails, before anything is written, when the state's key is of another type. A state
  /// is kept for weeks, so that what its claim needed goes.
  static let settleScript = FencedScript(
    name: "settle",
    source: """
      local known = redis.call('HMGET', KEYS[3], 'terminal', 'result_id', 'order')
      if known[1] then
        redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])
        return {'already', known[1], known[2] or '', known[3] or ''}
      end
      local id = redis.call('XADD', KEYS[4], '*', unpack(ARGV, 7))
      local order = known[3] or ARGV[6]
      redis.call('HSET', KEYS[3], 'terminal', ARGV[5], 'result_id', id, unpack(order ~= '' and {'order', order} or {}))
      redis.call('HDEL', KEYS[3], 'owner', 'epoch', 'until', 'claimed_at')
      redis.call('EXPIRE', KEYS[3], ARGV[4])
      redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])
      return {'settled', id}
      """)
}
