internal import Redis

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
