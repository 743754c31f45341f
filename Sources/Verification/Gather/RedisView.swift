internal import Deployment
internal import EventBus
internal import Redis

/// All that the Redis checks look at, fetched over one connection in one pipeline.
struct RedisView: Sendable {
  var server: ServerInfo
  /// By key, for every stream of the manifest's groups.
  var keys: [String: Result<KeyView, Unseen>]
  /// By key, for every stream of dead letters.
  var deadLetters: [String: Result<DeadLetterView, Unseen>]
  /// How many connections read by a group; `nil` where the user may not ask.
  var readers: Int?
  /// The losses that nobody has accepted.
  var losses: Result<[DataLossNotice.Loss], Unseen> = .success([])

  /// Holds the calling thread; bounded by `patience` for the connection and for each answer.
  ///
  /// - Parameter deadLetters: the streams of dead letters, and from where on what they hold is new.
  static func look(
    at endpoint: Endpoint, groups: [Manifest.ConsumerGroup],
    deadLetters: [(stream: String, mark: DeadLetterMark?)] = [], patience: Duration
  ) -> Result<RedisView, Unseen> {
    let streams = groups.map(\.stream).unique()
    let limits = streams.map { stream in
      groups.filter { $0.stream == stream }.map { (group: $0.group, limit: $0.lag) }
    }
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience))
      defer { connection.close() }
      let scripts =
        zip(streams, limits).map { StreamScript.command(key: $0, limits: $1) }
        + deadLetters.map { DeadLetterScript.command(key: $0.stream, mark: $0.mark) }
      let replies = try connection.pipeline(
        [["PING"], ["INFO"], ["CONFIG", "GET", "appendfsync"], ["CLIENT", "LIST"]] + scripts
          + RedisIntact.notice.commands)
      if let error = replies[0].serverError, error.code != "MISCONF" {
        return .failure(Unseen(RedisTrouble.text(error)))
      }
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
          losses: losses.mapError { Unseen(RedisTrouble.text($0)) }))
    } catch {
      return .failure(Unseen(RedisTrouble.text(error)))
    }
  }
}

extension Connection.Options {
  static func verifying(_ patience: Duration) -> Connection.Options {
    Connection.Options(connectTimeout: patience, timeout: patience)
  }
}

extension Sequence where Element: Hashable {
  /// The elements in their order, each once.
  func unique() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
