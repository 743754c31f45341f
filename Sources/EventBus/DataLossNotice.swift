public import Redis

/// Losses of a Redis, written where everybody who works on it can read them, until an operator has accepted them.
///
/// A hash holds a text for each loss under its id, the moment of its detection in milliseconds since 1970. An operator
/// accepts a loss, and every earlier one, by setting the second key to its id.
public struct DataLossNotice: Sendable, Hashable {
  public let key: String
  public let acceptedKey: String

  public init(key: String, acceptedKey: String) {
    self.key = key
    self.acceptedKey = acceptedKey
  }

  public struct Loss: Sendable, Hashable {
    /// Milliseconds since 1970 by Redis' clock.
    public let id: Int64
    /// What is missing, in words.
    public let text: String

    public init(id: Int64, text: String) {
      self.id = id
      self.text = text
    }
  }

  /// What somebody types to accept a loss and all that came before it.
  public func acceptance(of loss: Loss) -> String { "redis-cli SET \(acceptedKey) \(loss.id)" }

  /// The commands whose replies `open` reads.
  public var commands: [Command] { [["HGETALL", key], ["GET", acceptedKey]] }

  /// The losses that nobody has accepted, the oldest first.
  public static func open(_ replies: [Reply]) throws(RedisError) -> [Loss] {
    for reply in replies {
      if case .error(let error) = reply { throw .server(error) }
    }
    guard replies.count == 2 else { return [] }
    // trap: counted
    let accepted = accepted(replies[1])
    // trap: counted
    let words = try replies[0].requireArray(of: "HGETALL").map { $0.string ?? "" }
    let losses = stride(from: 0, to: words.count - 1, by: 2).compactMap { index in
      // trap: counted
      Int64(words[index]).map { Loss(id: $0, text: words[index + 1]) }
    }
    return losses.filter { $0.id > accepted }.sorted { $0.id < $1.id }
  }

  public func open(on connection: Connection) throws(RedisError) -> [Loss] {
    try Self.open(try connection.pipeline(commands))
  }

  public func add(_ loss: Loss, on connection: Connection) throws(RedisError) {
    try connection.call(["HSET", key, String(loss.id), loss.text])
  }

  /// Whether an operator has accepted the loss, or a later one.
  public func isAccepted(_ loss: Loss, on connection: Connection) throws(RedisError) -> Bool {
    Self.accepted(try connection.call(["GET", acceptedKey])) >= loss.id
  }

  private static func accepted(_ reply: Reply) -> Int64 {
    reply.string.flatMap { Int64($0) } ?? 0
  }
}

/// Watches for losses on behalf of a process that keeps nothing outside of Redis: it compares what Redis shows after a
/// connect with what the same process saw before, and reads the notices of others. For one thread.
public final class DataLossWatch {
  private let notice: DataLossNotice
  private let look: (Connection) throws(RedisError) -> DataLossMarker
  private let interval: Duration
  private var seen: DataLossMarker?
  private var due = ContinuousClock.now
  private var told: Set<String> = []

  /// - Parameters:
  ///   - markKey: Of the mark of `DataLossMarker`.
  ///   - streams: Whose last ids are compared.
  ///   - interval: How often `refresh` looks. A loss of what came since the last look is not seen.
  public init(
    _ notice: DataLossNotice, markKey: String, epochKey: String, streams: [String],
    interval: Duration = .milliseconds(200)
  ) {
    self.notice = notice
    self.interval = interval
    look = { connection throws(RedisError) in
      try DataLossMarker.look(key: markKey, epochKey: epochKey, streams: streams, on: connection)
    }
  }

  /// What is missing, in words, when nobody has accepted it.
  public private(set) var alarm: String?

  /// To be called after every connect.
  ///
  /// - Returns: What was not told before.
  public func connected(on connection: Connection) throws(RedisError) -> String? {
    let now = try look(connection)
    var losses = try notice.open(on: connection).map(\.text)
    if let seen {
      let missing = now.missing(since: seen)
      if !missing.isEmpty { losses.append(missing.joined(separator: "; ")) }
    }
    seen = now
    alarm = losses.last
    let fresh = losses.filter { told.insert($0).inserted }
    return fresh.isEmpty ? nil : fresh.joined(separator: "; ")
  }

  /// To be called often: looks again when it is time to.
  public func refresh(on connection: Connection) throws(RedisError) {
    guard ContinuousClock.now >= due else { return }
    due = .now + interval
    seen = try look(connection)
  }
}
