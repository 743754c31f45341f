public import Redis

/// Removes from a stream what every group of it has acknowledged, and nothing else. Never MAXLEN, which does not ask.
public struct Trimming: Sendable {
  public let stream: String
  /// Entries younger than this stay, acknowledged or not, so that they can be looked at.
  public let keep: Duration

  public init(_ stream: String, keep: Duration) {
    self.stream = stream
    self.keep = keep
  }

  /// Trims once and returns how many entries it removed. A stream without a group is left alone, and so is one with a
  /// group that has read nothing yet. The newest acknowledged entry always stays.
  @discardableResult
  public func run(on connection: Connection) throws(RedisError) -> Int {
    let reply = try connection.run(Self.script, keys: [stream], arguments: [String(max(0, keep.milliseconds))])
    return Int(clamping: try reply.requireInteger(of: Self.script.name))
  }

  /// KEYS: stream. ARGV: milliseconds to keep. MINID keeps the id that it names, so the bound is the millisecond after
  /// the newest that may go. Ids are compared as text, since their sequence numbers have 64 bits and Lua's numbers 53.
  private static let script = Script(
    name: "trim",
    source: """
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
      if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
      local now = redis.call('TIME')
      local newest = math.max(-1, now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(ARGV[1]))
      local bound = string.format('%.0f-0', newest + 1)
      local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
      if #groups == 0 then return 0 end
      for _, info in ipairs(groups) do
        local about = {}
        for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
        local pending = redis.call('XPENDING', KEYS[1], about.name)
        local settled = pending[1] > 0 and pending[2] or about['last-delivered-id']
        if less(settled, bound) then bound = settled end
      end
      return redis.call('XTRIM', KEYS[1], 'MINID', bound)
      """)
}
