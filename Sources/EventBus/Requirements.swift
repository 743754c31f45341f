public import Redis

/// What a program needs of its Redis, so that it is tried before the first entry is read and not found out by it: that
/// the commands exist and may be run, that the shared keys are streams, that nothing is evicted.
public struct Requirements: Sendable, Hashable {
  /// Keys that are streams, or not there yet. The program appends to them.
  public var streams: [String]
  /// One key of each kind that the program keeps for itself, which does not exist.
  public var keys: [String]
  /// The scripts that it runs. The commands in them are tried.
  public var scripts: [Script]

  public init(streams: [String] = [], keys: [String] = [], scripts: [Script] = []) {
    self.streams = streams
    self.keys = keys
    self.scripts = scripts
  }

  /// Both together.
  public func merging(_ other: Requirements) -> Requirements {
    Requirements(
      streams: streams + other.streams.filter { !streams.contains($0) },
      keys: keys + other.keys.filter { !keys.contains($0) },
      scripts: scripts + other.scripts.filter { !scripts.contains($0) })
  }

  /// What every consumer needs.
  static func ofConsumers(of configuration: Consumer.Configuration) -> Requirements {
    let scripts = [
      GroupScripts.acknowledge, GroupScripts.claim, GroupScripts.deadLetter, GroupScripts.forgive, GroupScripts.leave,
      GroupScripts.readOwn,
    ]
    return Requirements(streams: [configuration.deadLetters], scripts: scripts.map(\.script))
  }
}

extension Requirements {
  /// What is not met, in words; empty when everything is.
  func unmet(by group: Group, as consumer: String, on connection: Connection) throws(RedisError) -> [String] {
    let wrong = try wrongTypes(on: connection, besides: group.stream)
    // A command on a key of another type fails for that reason first.
    guard wrong.isEmpty else { return wrong }
    var faults: [String] = []
    let trials = trials(in: group, as: consumer)
    for (trial, reply) in zip(trials, try connection.pipeline(trials)) {
      guard let error = reply.serverError, error.isCondition else { continue }
      let fault = "Redis refuses '\(trial.name)': \(error.message)"
      if !faults.contains(fault) { faults.append(fault) }
    }
    return try faults + [eviction(on: connection)].compactMap { $0 }
  }

  /// Which of the shared keys are something else than a stream, in words.
  func wrongTypes(on connection: Connection, besides source: String) throws(RedisError) -> [String] {
    let keys = [source] + streams
    let replies = try connection.pipeline(keys.map { Command("TYPE", $0) })
    return zip(keys, replies).compactMap { key, reply in
      guard let type = reply.string, type != "stream", type != "none" else { return nil }
      return "the key '\(key)' is a \(type), not a stream; rename or delete it"
    }
  }

  /// Keys that are evicted are effects that are made twice. A Redis that does not tell its policy is taken at its word.
  private func eviction(on connection: Connection) throws(RedisError) -> String? {
    guard let info = try connection.send(["INFO", "memory"]).string else { return nil }
    func value(_ name: String) -> Substring? {
      info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }?.dropFirst(name.utf8.count + 1)
    }
    guard let most = value("maxmemory"), most != "0", let policy = value("maxmemory_policy"), policy != "noeviction"
    else { return nil }
    return "Redis evicts keys (maxmemory-policy is \(policy)), which would make orders twice; set it to noeviction"
  }

  /// The names of the commands in the scripts, with their subcommands.
  var commands: [[String]] {
    var found: [[String]] = []
    for script in scripts {
      for call in script.source.split(separator: "call('").dropFirst() {
        let words = call.prefix { $0 != "\n" }.split(separator: "'", omittingEmptySubsequences: false)
        guard let name = words.first.map(String.init) else { continue }
        let hasSubcommand = ["XINFO", "XGROUP"].contains(name) && words.count > 2
        let command = hasSubcommand ? [name, String(words[2])] : [name]
        if !found.contains(command) { found.append(command) }
      }
    }
    return found
  }

  /// Each command with arguments that change nothing: they name what does not exist, or the command itself refuses them.
  /// Redis looks at the rights and at its state before that.
  func trials(in group: Group, as consumer: String) -> [Command] {
    commands.flatMap { Self.trials($0, streams: streams, keys: keys, group: group, consumer: consumer) }
  }

  static func trials(
    _ command: [String], streams: [String], keys: [String], group: Group, consumer: String
  ) -> [Command] {
    // trap: a command has a name
    let (source, name) = (group.stream, command[0])
    switch name {
    case "XADD": return streams.map { ["XADD", $0, "not-an-id", "field", "value"] }
    case "XACK": return [["XACK", source, group.name, "0-1"]]
    case "XCLAIM": return [["XCLAIM", source, group.name, consumer, "0", "0-1", "JUSTID"]]
    case "XGROUP": return command.last == "DELCONSUMER" ? [["XGROUP", "DELCONSUMER", source, group.name, "\u{0}"]] : []
    case "XINFO":
      switch command.last {
      case "CONSUMERS": return [["XINFO", "CONSUMERS", source, group.name]]
      // What it tells of a stream may be large; a stream that does not exist tells nothing.
      case "STREAM": return keys.prefix(1).map { ["XINFO", "STREAM", $0] }
      default: return [["XINFO", "GROUPS", source]]
      }
    case "XLEN", "EXISTS": return [[name, source]]
    case "XPENDING": return [["XPENDING", source, group.name]]
    case "XRANGE": return [["XRANGE", source, "0-1", "0-1"]]
    case "XREADGROUP": return [group.touching(as: consumer)]
    case "XTRIM": return [["XTRIM", source, "MINID", "0-0"]]
    case "TIME": return [["TIME"]]
    default: return keys.compactMap { trial(name, key: $0) }
    }
  }

  /// A command on a key that does not exist; nil for one that would change something in any case.
  private static func trial(_ name: String, key: String) -> Command? {
    switch name {
    case "GET", "DEL": [name, key]
    case "SET": ["SET", key, "", "EX", "0"]
    case "HGET", "HMGET", "HDEL": [name, key, "field"]
    case "HSET": ["HSET", key, "field", "value", "no-value"]
    case "EXPIRE": ["EXPIRE", key, "not-a-number"]
    default: nil
    }
  }
}

extension SettleOnce {
  /// The scripts that it runs.
  public static var scripts: [Script] {
    [claimScript, reopenScript, settleScript].map(\.script)
  }
}
