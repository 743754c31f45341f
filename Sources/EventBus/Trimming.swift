public import Redis

/// Removes from a stream what every group of it has acknowledged, and nothing else. Never MAXLEN, which does not ask.
public struct Trimming: Sendable {
  public let stream: String
  /// Entries younger than this stay, acknowledged or not, so that they can be looked at.
  public let keep: Duration
  /// Whether age alone decides where the stream has no group. Without it such a stream is left alone.
  public let trimsWithoutGroup: Bool

  public init(_ stream: String, keep: Duration, trimsWithoutGroup: Bool = false) {
    self.stream = stream
    self.keep = keep
    self.trimsWithoutGroup = trimsWithoutGroup
  }

  /// Trims once and returns how many entries it removed. A stream with a group that has read nothing yet is left alone.
  /// The newest acknowledged entry always stays.
  @discardableResult
  public func run(on connection: Connection) throws(RedisError) -> Int {
    let reply = try connection.run(
      Self.script, keys: [stream], arguments: [String(max(0, keep.milliseconds)), trimsWithoutGroup ? "1" : ""])
    return Int(clamping: try reply.requireInteger(of: Self.script.name))
  }

  /// KEYS: stream. ARGV: milliseconds to keep, whether a stream without a group is trimmed. MINID keeps the id that it
  /// names, so the bound is the millisecond after the newest that may go.
  private static let script = Script(
    name: "trim",
    source: Lua.less + """
      if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
      local now = redis.call('TIME')
      local newest = math.max(-1, now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(ARGV[1]))
      local bound = string.format('%.0f-0', newest + 1)
      local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
      if #groups == 0 and ARGV[2] == '' then return 0 end
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
