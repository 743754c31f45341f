/// Something that happens to the system in the middle of its work.
enum Blow: Sendable, Hashable, CustomStringConvertible {
  /// SIGKILL to a program, which is started again after a while.
  case kill(String, after: Duration)
  /// SIGSTOP to a program, and SIGCONT after a while.
  case pause(String, for: Duration)
  /// SIGKILL to redis-server, which is started again after a while.
  case killRedis(down: Duration)
  /// Every connection to Redis is closed by the server.
  case drop

  var description: String {
    switch self {
    case .kill(let name, let time): "kill \(name), start it after \(time)"
    case .pause(let name, let time): "pause \(name) for \(time)"
    case .killRedis(let time): "kill redis-server, start it after \(time)"
    case .drop: "drop every connection"
    }
  }

  /// For counting.
  var kind: String {
    switch self {
    case .kill(let name, _): "kill \(name)"
    case .pause(let name, _): "pause \(name)"
    case .killRedis: "kill redis"
    case .drop: "drop connections"
    }
  }
}
