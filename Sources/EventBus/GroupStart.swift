public import Redis

/// Where a group begins that is not there yet, and what is remembered of it.
///
/// A group made at the beginning of a stream that others have read for months would repeat their work, and one made at the
/// end would leave out what nobody has read. So the caller decides where that matters, once; a group that was lost is made
/// again where it began.
public struct GroupStart: Sendable, Hashable {
  public enum Place: Sendable, Hashable {
    /// The first entry, unless another group has read the stream: then it is an error.
    case undecided
    /// The first entry, whoever has read it.
    case beginning
    /// Behind what is there.
    case end
    /// Behind what this group was given last.
    case behind(String)
  }

  /// What was found or done.
  public enum Outcome: Sendable, Hashable {
    case present
    case created(after: String)
    /// It had been there and was lost.
    case recreated(after: String)
  }

  public let place: Place
  /// The key that remembers where the group began; nil: nothing is remembered.
  public let marker: String?

  public init(_ place: Place, marker: String?) {
    self.place = place
    self.marker = marker
  }

  /// Creates the group, and its stream, unless they are there.
  ///
  /// - Throws: `GroupStartError` when somebody has to decide, or a `RedisError`.
  @discardableResult
  public func ensure(_ group: Group, on connection: Connection) throws -> Outcome {
    guard let marker else { return try group.ensure(on: connection) ? .created(after: "0") : .present }
    let reply = try connection.run(Self.script, keys: [group.stream, marker], arguments: [group.name, argument])
    let words = try reply.requireArray(of: Self.script.name).compactMap(\.string)
    switch (words.first, words.count) {
    case ("present", 1): return .present
    // trap: counted
    case ("created", 2): return .created(after: words[1])
    // trap: counted
    case ("recreated", 2): return .recreated(after: words[1])
    case ("refused", 2...): throw GroupStartError.undecided(group, others: Array(words.dropFirst()))
    case ("unknown", _):
      guard case .behind(let name) = place else { break }
      throw GroupStartError.unknown(name, stream: group.stream, others: Array(words.dropFirst()))
    default: break
    }
    throw reply.mismatch(Self.script.name, wanted: "an outcome")
  }

  private var argument: String {
    switch place {
    case .undecided: ""
    case .beginning: "beginning"
    case .end: "end"
    case .behind(let name): "group:" + name
    }
  }

  /// KEYS: stream, marker. ARGV: group, and empty, `beginning`, `end` or `group:<name>`.
  ///
  /// GET comes first: it refuses a key of another type before anything is written. What was removed from the stream before
  /// counts as read, so that a later loss can be counted.
  private static let script = Script(
    name: "start group",
    source: """
      local known = redis.call('GET', KEYS[2])
      local stream = redis.call('EXISTS', KEYS[1]) == 1
      local others, places = {}, {}
      for _, info in ipairs(stream and redis.call('XINFO', 'GROUPS', KEYS[1]) or {}) do
        local about = {}
        for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
        if about.name == ARGV[1] then
          if not known then redis.call('SET', KEYS[2], '0') end
          return {'present'}
        end
        places[about.name] = about['last-delivered-id']
        if about['last-delivered-id'] ~= '0-0' then
          others[#others + 1] = "'" .. about.name .. "' up to " .. about['last-delivered-id']
        end
      end
      local start = known or '0'
      if not known and ARGV[2] == '' and #others > 0 then return {'refused', unpack(others)} end
      if not known and ARGV[2] == 'end' and stream then
        local info = redis.call('XINFO', 'STREAM', KEYS[1])
        for i = 1, #info, 2 do
          if info[i] == 'last-generated-id' then start = info[i + 1] end
        end
      end
      if not known and string.sub(ARGV[2], 1, 6) == 'group:' then
        start = places[string.sub(ARGV[2], 7)]
        if not start then return {'unknown', unpack(others)} end
      end
      local create = {'XGROUP', 'CREATE', KEYS[1], ARGV[1], start, 'MKSTREAM'}
      if start == '0' and stream then
        local info, about = redis.call('XINFO', 'STREAM', KEYS[1]), {}
        for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
        create[#create + 1] = 'ENTRIESREAD'
        create[#create + 1] = string.format('%.0f', math.max(0, (about['entries-added'] or about.length) - about.length))
      end
      redis.call(unpack(create))
      if not known then redis.call('SET', KEYS[2], start) end
      return {known and 'recreated' or 'created', start}
      """)
}

/// Somebody has to decide where a group begins.
public enum GroupStartError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Others have read the stream, which are named with their places.
  case undecided(Group, others: [String])
  /// There is no group of that name to go on behind.
  case unknown(String, stream: String, others: [String])

  public var description: String {
    switch self {
    case .undecided(let group, let others):
      "'\(group.stream)' has been read by another group (\(others.joined(separator: ", "))), and '\(group.name)' does not "
        + "exist yet"
    case .unknown(let name, let stream, let others):
      "'\(stream)' has no group '\(name)' to start behind; it has "
        + (others.isEmpty ? "none that has read it" : others.joined(separator: ", "))
    }
  }
}
