public import Redis

/// The clock of a Redis, asked at most once a second and carried on by the time that has passed here since.
///
/// Ages and deadlines are taken from it, so that two hosts whose clocks differ agree about them. For one thread.
public final class ServerClock {
  private let interval: Duration
  private var asked: (at: ContinuousClock.Instant, milliseconds: Int64)?

  public init(interval: Duration = .seconds(1)) {
    self.interval = interval
  }

  /// Milliseconds since 1970, less than `interval` after the server was asked.
  public func now(on connection: Connection) throws(RedisError) -> Int64 {
    let here = ContinuousClock.now
    if let asked, here - asked.at < interval { return asked.milliseconds + Int64((here - asked.at) / .milliseconds(1)) }
    let words = try connection.call(["TIME"]).requireArray(of: "TIME").compactMap { $0.string.flatMap { Int64($0) } }
    guard words.count == 2 else { throw .unexpected(command: "TIME", wanted: "two numbers", got: "\(words.count)") }
    let milliseconds = (words.first ?? 0) &* 1000 &+ (words.last ?? 0) / 1000
    asked = (.now, milliseconds)
    return milliseconds
  }

  /// To be called after a connect: another server may answer now.
  public func forget() {
    asked = nil
  }
}
