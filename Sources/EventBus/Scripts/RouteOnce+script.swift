public import Redis

extension RouteOnce {
  /// KEYS: source, target, dead letters, then the key of each entry to publish, in order.
  /// ARGV: group, seconds, then for each entry either `P id digest n` and n names and values, or `D id reason`.
  ///
  /// A key's value is `<id> <digest>`: the id of what was published comes first, so that an operator finds it; a value
  /// without a digest is another program's, and stands for the same payload.
  public static let script = Script(
    name: "route once",
    source: Lua.bury + """
      local group, seconds = ARGV[1], ARGV[2]
      local results, done, at, key = {}, {}, 3, 4
      while at <= #ARGV do
        local id = ARGV[at + 1]
        local isPending = #redis.call('XPENDING', KEYS[1], group, id, id, 1) > 0
        if ARGV[at] == 'D' then
          if isPending then bury(KEYS[1], group, KEYS[3], id, ARGV[at + 2]) end
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
              bury(KEYS[1], group, KEYS[3], id, 'conflict: another payload was published as ' .. before)
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
