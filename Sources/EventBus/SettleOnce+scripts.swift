extension SettleOnce {
  /// KEYS: claim, state. ARGV: owner, seconds of the claim, seconds of the state, milliseconds of the window.
  ///
  /// The state outlives the claim, so an owner whose claim has expired is still one that comes back. HSET comes before
  /// SET because only HSET can be refused for the key's type. A claim of this owner without a state counts as resumed:
  /// to ask the outside once too often costs nothing. It gets no window here, or asking again and again would keep one
  /// open for ever.
  static let claimScript = FencedScript(
    name: "claim order",
    source: """
      local owner = ARGV[2]
      local state = redis.call('HMGET', KEYS[3], 'terminal', 'result_id', 'owner', 'until')
      if state[1] then return {'settled', state[1], state[2] or ''} end
      local holder = redis.call('GET', KEYS[2])
      if not state[3] and holder and holder ~= owner then return {'twin', holder} end
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      local isFresh = not state[3] and not holder
      local ending = string.format('%.0f', isFresh and now + ARGV[5] or tonumber(state[4] or now))
      redis.call('HSET', KEYS[3], 'owner', owner, 'epoch', ARGV[1], 'until', ending)
      redis.call('HSETNX', KEYS[3], 'claimed_at', time[1] .. '.' .. string.format('%06d', time[2]))
      redis.call('EXPIRE', KEYS[3], ARGV[4])
      if not holder then redis.call('SET', KEYS[2], owner, 'EX', ARGV[3]) end
      return {isFresh and 'fresh' or 'resumed', ending}
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

  /// KEYS: source, state, results. ARGV: group, id, owner, seconds of the state, terminal state, names and values.
  ///
  /// HGET comes first as it is what fails, before anything is written, when the state's key is of another type.
  static let settleScript = FencedScript(
    name: "settle",
    source: """
      local known = redis.call('HMGET', KEYS[3], 'terminal', 'result_id')
      if known[1] then
        redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])
        return {'already', known[1], known[2] or ''}
      end
      local id = redis.call('XADD', KEYS[4], '*', unpack(ARGV, 7))
      redis.call('HSET', KEYS[3], 'owner', ARGV[4], 'epoch', ARGV[1], 'terminal', ARGV[6], 'result_id', id)
      redis.call('EXPIRE', KEYS[3], ARGV[5])
      redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])
      return {'settled', id}
      """)
}
