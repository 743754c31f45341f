public import Redis

extension RouteOnce {
  /// KEYS: source, target, dead letters, results, then for each entry but the malformed ones its key, and the key of its
  /// state where it is settled.
  /// ARGV: group, seconds of a key, seconds of a state, id of the first entry, id of the last, their number; then `n` and n
  /// names and values, which the published entries have in common, and `m` and the m places among them at which each has a
  /// value of its own; then for each entry `P id digest` and m values, `F id digest n` and n names and values where it has
  /// other names, `R id digest n …` with the terminal state behind them, `H id digest`, or `D id reason`.
  ///
  /// What is pending is looked up for the whole batch at once; where entries of other consumers lie between, or the batch
  /// is in no order, the rest is asked for one by one. Whether any key is there is asked once, too, and only if so, or if
  /// the batch itself has set it, what it says. (Not by MGET, to which a key of another type is none.)
  ///
  /// A key's value is `<id> <digest>`: the id of what was published comes first, so that an operator finds it. A value
  /// without a digest is another program's, and one with a digest of 64 hexadecimal digits is of an earlier version that
  /// digested the whole payload: both stand for the same message. HMGET comes first as it is what fails, before anything is
  /// written, when the state's key is of another type.
  public static let script = Script(
    name: "route once",
    source: Lua.deadLetter + """
      local KEYS, ARGV, call = KEYS, ARGV, redis.call
      local source, group, seconds, state_seconds = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
      local results, done, at, key = {}, {}, 8 + ARGV[7], 5
      local pending, made = {}, {}
      for _, item in ipairs(call('XPENDING', source, group, ARGV[4], ARGV[5], ARGV[6])) do pending[item[1]] = true end
      local may_be_known = #KEYS > 4 and call('EXISTS', unpack(KEYS, 5)) > 0

      local append, own = {'XADD', KEYS[2], '*'}, {}
      for i = 8, at - 1 do append[i - 4] = ARGV[i] end
      for i = 1, ARGV[at] do own[i] = 3 + ARGV[at + i] end
      at = at + 1 + #own

      local function skip(id, known, digest)
        local space = string.find(known, ' ', 1, true)
        local before = space and string.sub(known, 1, space - 1) or known
        local first = space and string.sub(known, space + 1)
        if not first or first == digest or (#first == 64 and string.match(first, '^%x+$')) then
          done[#done + 1] = id
          return 'S' .. before
        end
        dead_letter(source, group, KEYS[3], id, 'conflict: ' .. before .. ' was "' .. first .. '", this is "' .. digest .. '"')
        return 'C' .. known
      end

      while at <= #ARGV do
        local what, id, digest = ARGV[at], ARGV[at + 1], ARGV[at + 2]
        local is_pending = pending[id] or #call('XPENDING', source, group, id, id, 1) > 0
        at = at + 3
        if what == 'D' then
          if is_pending then dead_letter(source, group, KEYS[3], id, digest) end
          results[#results + 1] = is_pending and 'D' or 'G'
        else
          local name, first = KEYS[key], at
          key = key + 1
          local state = what == 'R' and KEYS[key]
          if what == 'P' then
            at = at + #own
          elseif what ~= 'H' then
            first, at = at + 1, at + 1 + ARGV[at]
          end
          local known = (may_be_known or made[name]) and call('GET', name)
          if state then
            local begun = (may_be_known or made[state]) and call('HMGET', state, 'terminal', 'owner') or {}
            known, key, at = known or begun[1] or begun[2], key + 1, at + 1
          end
          if not is_pending then
            results[#results + 1] = 'G'
          elseif known then
            results[#results + 1] = skip(id, known, digest)
          else
            local new = id
            if what == 'P' then
              for i = 1, #own do append[own[i]] = ARGV[first + i - 1] end
              new = call(unpack(append))
            elseif what == 'F' then
              new = call('XADD', KEYS[2], '*', unpack(ARGV, first, at - 1))
            elseif what == 'R' then
              new = call('XADD', KEYS[4], '*', unpack(ARGV, first, at - 2))
              call('HSET', state, 'terminal', ARGV[at - 1], 'result_id', new, 'order', digest)
              call('EXPIRE', state, state_seconds)
              made[state] = true
            end
            call('SET', name, new .. ' ' .. digest, 'EX', seconds)
            made[name], done[#done + 1] = true, id
            results[#results + 1] = (what == 'F' and 'P' or what) .. new
          end
        end
      end
      if #done > 0 then call('XACK', source, group, unpack(done)) end
      return results
      """)
}
