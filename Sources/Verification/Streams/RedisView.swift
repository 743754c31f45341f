internal import Basics
internal import Deployment
internal import EventBus
internal import Redis

/// All that the Redis checks look at, fetched over one connection in one pipeline.
struct RedisView: Sendable {
  var server: ServerInfo
  /// By key, for every stream of the manifest's groups.
  var keys: [String: Result<KeyView, ProbeError>]
  /// By key, for every stream of dead letters.
  var deadLetters: [String: Result<DeadLetterView, ProbeError>]
  /// How many connections read by a group; `nil` where the user may not ask.
  var readers: Int?
  /// The losses that nobody has accepted.
  var losses: Result<[DataLossNotice.Loss], ProbeError> = .success([])

  /// Blocks the calling thread; bounded by `patience` for the connection and for each answer.
  ///
  /// - Parameter deadLetters: the streams of dead letters, and from where on what they hold is new.
  static func look(
    at endpoint: Endpoint, groups: [Manifest.ConsumerGroup],
    deadLetters: [(stream: String, mark: DeadLetterMark?)] = [], patience: Duration, trust: RedisUsers = RedisUsers()
  ) -> Result<RedisView, ProbeError> {
    let streams = groups.map(\.stream).uniqued()
    let limits = streams.map { stream in
      groups.filter { $0.stream == stream }.map { (group: $0.group, limit: $0.lag) }
    }
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience), trust: trust)
      defer { connection.close() }
      let scripts =
        zip(streams, limits).map { StreamScript.command(key: $0, limits: $1) }
        + deadLetters.map { DeadLetterScript.command(key: $0.stream, mark: $0.mark) }
      let replies = try connection.pipeline(
        [["PING"], ["INFO"], ["CONFIG", "GET", "appendfsync"], ["CLIENT", "LIST"]] + scripts
          + RedisIntact.notice.commands)
      // trap: one reply for each command
      if let error = replies[0].serverError, error.code != "MISCONF" {
        return .failure(ProbeError(RedisTrouble.text(error)))
      }
      // trap: one reply for each command
      let info = try replies[1].requireString(of: "INFO")
      let answers = replies.dropFirst(4)
      let losses = Result { () throws(RedisError) in try DataLossNotice.open(Array(replies.suffix(2))) }
      let keys = zip(streams, answers.map(StreamScript.read))
      let dead = zip(deadLetters.map(\.stream), answers.dropFirst(streams.count).map(DeadLetterScript.read))
      return .success(
        RedisView(
          server: ServerInfo(info, appendfsync: replies[2]["appendfsync"]?.string),
          keys: Dictionary(keys) { first, _ in first }, deadLetters: Dictionary(dead) { first, _ in first },
          readers: replies[3].string.map(GroupReaders.count),
          losses: losses.mapError { ProbeError(RedisTrouble.text($0)) }))
    } catch {
      return .failure(ProbeError(RedisTrouble.text(error)))
    }
  }
}

extension Connection.Options {
  static func verifying(_ patience: Duration) -> Connection.Options {
    // No answer to a check comes near it; a server that floods must not fill the memory of a program that runs as root.
    Connection.Options(connectTimeout: patience, timeout: patience, maxReplyBytes: 16 << 20)
  }
}

/// What `INFO` tells of a server, as `name:value` lines. What it does not tell is `nil`.
struct ServerInfo: Sendable, Equatable {
  private var values: [Substring: Substring] = [:]
  /// The `appendfsync` of its configuration; `nil` where it may not be asked.
  var appendfsync: String?

  init(_ text: String, appendfsync: String? = nil) {
    self.appendfsync = appendfsync
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      // trap: one reply for each command
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
  }

  subscript(name: String) -> String? { values[Substring(name)].map(String.init) }
  func integer(_ name: String) -> Int? { self[name].flatMap(Int.init) }
}

/// The connections that read by a group, from `CLIENT LIST`.
///
/// Redis 7.0 counts a consumer's silence from the last entry that it was given: a read that times out neither ends
/// it nor even registers a new consumer. So silence alone tells nothing of a consumer that has nothing to do; that
/// a connection is blocked in XREADGROUP does, though not for which group.
enum GroupReaders {
  static func count(_ list: String) -> Int {
    list.split(whereSeparator: \.isNewline).count { line in
      line.split(separator: " ").contains("cmd=xreadgroup")
    }
  }
}

/// What to do about an error of Redis.
enum RedisTrouble {
  static func text(_ error: RedisError) -> String {
    switch error {
    case .server(let error): text(error)
    case .timeout(let command, let time): "it accepts connections but did not answer \(command) within \(time.text)"
    default: error.description
    }
  }

  static func text(_ error: ServerError) -> String {
    switch error.code {
    case "LOADING": "it is still loading its data from disk; wait, then verify again"
    case "NOAUTH": "it requires a password; add it to redis: in the manifest or to QTCTL_REDIS"
    case "WRONGPASS": "it refuses the user or password; correct redis: in the manifest or QTCTL_REDIS"
    case "NOPERM": "the user lacks permission (\(error.message)); allow it to read, with EVAL_RO, XINFO and XPENDING"
    case "BUSY": "it is busy with a script that does not end; end it with: redis-cli SCRIPT KILL"
    case "MISCONF": "it refuses writes because saving to disk fails (\(error.message)); look at its disk and log"
    default: "it answered: \(error.message)"
    }
  }
}

/// What `redis.durable` would say, for a check before anything is touched.
package enum RedisDurability {
  /// Why a Redis would lose what it is given, in words; `nil` when it keeps it.
  ///
  /// - Parameter info: the answer to `INFO`.
  package static func fault(info: String) -> String? {
    let result = RedisDurable.judge("Redis", ServerInfo(info))
    return result.status == .fail ? result.detail : nil
  }
}
