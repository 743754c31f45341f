internal import Basics
internal import Deployment
internal import Redis

/// What a stream of dead letters holds behind a mark, as one script saw it in one instant.
struct DeadLetterView: Sendable, Equatable {
  /// Whether the key is of another type, by Redis' name for it. A stream that does not exist has no entries.
  var otherType: String?
  /// The present end.
  var mark: DeadLetterMark
  /// How many came behind the mark.
  var new: Count = .exactly(0)
  /// How many came before the mark in as long a time, or in ``DeadLetterScript/memory`` where that is longer.
  var before: Count = .exactly(0)
  /// How many came before the mark in just as long a time.
  var justBefore: Count = .exactly(0)
  /// The reason in the newest entry; `nil` where it names none.
  var reason: String?
  /// The source in the newest entry.
  var source: String?
}

/// Counts the dead letters behind a mark, and those before it, inside Redis (EVAL_RO) and with Redis' own clock, by which
/// the ids of entries are made.
enum DeadLetterScript {
  /// How many entries are counted at most.
  static let bound = 1000
  /// How far back is looked at least, to tell whether a stream grew before: dead letters come in bursts.
  static let memory = Duration.seconds(600)

  /// - Parameter mark: `nil`: only the present end is wanted.
  static func command(key: String, mark: DeadLetterMark?) -> Command {
    var command = Command("EVAL_RO", source, "1", key, "\(bound)", "\(memory.components.seconds * 1000)")
    if let mark {
      command.append("\(mark.last)")
      command.append(mark.moment)
    }
    return command
  }

  /// What a reply to ``command(key:mark:)`` says.
  static func read(_ reply: Reply) -> Result<DeadLetterView, ProbeError> {
    if let error = reply.serverError { return .failure(ProbeError(RedisTrouble.text(error))) }
    // trap: counted
    guard let parts = reply.array, parts.count == 8, let kind = parts[0].string,
      // trap: counted
      let moment = StreamScript.number(parts[1]),
      let last = StreamScript.id(parts[2]), let new = StreamScript.number(parts[3]),
      let before = StreamScript.number(parts[4]),
      let just = StreamScript.number(parts[5])
    else { return .failure(ProbeError("Redis described the stream in an unknown form")) }
    var view = DeadLetterView(
      otherType: kind == "none" || kind == "stream" ? nil : kind, mark: DeadLetterMark(last: last, moment: moment))
    view.new = count(new)
    view.before = count(before)
    view.justBefore = count(just)
    view.reason = parts[6].string.map(line)
    view.source = parts[7].string.map(line)
    return .success(view)
  }

  private static func count(_ number: Int) -> Count { number < bound ? .exactly(number) : .atLeast(number) }

  /// Text of other programs, fit for one line of a report.
  private static func line(_ text: String) -> String {
    let clean = text.unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    return String(String.UnicodeScalarView(clean))
  }

  /// KEYS: the stream. ARGV: the bound, milliseconds to look back at least, and where there is a mark its id and moment.
  /// Returns type, now, last id, new, before, just before, reason, source.
  private static let source = """
    local key, bound = KEYS[1], tonumber(ARGV[1])
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local kind = redis.call('TYPE', key).ok
    if kind ~= 'stream' then return {kind, now, '0-0', 0, 0, 0, false, false} end
    local info, last = redis.call('XINFO', 'STREAM', key), '0-0'
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then last = info[i + 1] end
    end
    if not ARGV[3] then return {kind, now, last, 0, 0, 0, false, false} end
    local new = redis.call('XRANGE', key, '(' .. ARGV[3], '+', 'COUNT', bound)
    local moment = tonumber(ARGV[4])
    local function before(span)
      local from = string.format('%.0f', math.max(0, moment - span))
      return #redis.call('XRANGE', key, from, ARGV[3], 'COUNT', bound)
    end
    local long, short = before(math.max(now - moment, tonumber(ARGV[2]))), before(now - moment)
    local fields = {}
    if #new > 0 then
      local list = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1][2]
      for i = 1, #list, 2 do fields[list[i]] = list[i + 1] end
    end
    return {kind, now, last, #new, long, short, fields['reason'] or false, fields['source'] or false}
    """
}

extension DeadLetterMark {
  /// Before every entry.
  static let start = DeadLetterMark(last: .zero, moment: 0)
}
