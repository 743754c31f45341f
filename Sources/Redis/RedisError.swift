internal import Glibc

/// What can go wrong between this program and a Redis. No text in it contains a password.
public enum RedisError: Error, Sendable, Hashable {
  /// No connection came about: nobody listens, the name is unknown, or it took too long.
  case connect(endpoint: String, reason: String)
  /// No password was sent, since a user of this machine listens who is not trusted with it; `nil`: nobody listens any more.
  case untrusted(endpoint: String, user: UInt32?)
  /// The connection broke. Whether the last commands were carried out is not known.
  case lost(command: String, reason: String)
  /// No answer within the time given. The connection is closed; whether the command was carried out is not known.
  case timeout(command: String, after: Duration)
  /// The answer is longer than this connection takes. The connection is closed; the command was carried out.
  case replyTooLarge(command: String, limit: Int)
  /// The stop signal came while the answer was waited for. The connection is closed.
  case stopped
  /// The connection was closed before the command.
  case closed
  /// The server refused the command. The connection goes on.
  case server(ServerError)
  /// The server answered something that the command cannot have for an answer.
  case unexpected(command: String, wanted: String, got: String)

  /// Whether the connection is gone, so that a new one is needed.
  public var endsConnection: Bool {
    switch self {
    case .connect, .untrusted, .lost, .timeout, .replyTooLarge, .stopped, .closed: true
    case .server, .unexpected: false
    }
  }

  /// Whether the fault lies with the connection or with the server's state or settings, so that the same request may
  /// succeed later.
  public var isCondition: Bool {
    switch self {
    case .server(let error): error.isCondition
    case .unexpected: false
    default: true
    }
  }

  /// The server's error, if it is one.
  public var serverError: ServerError? {
    if case .server(let error) = self { error } else { nil }
  }
}

extension RedisError: CustomStringConvertible {
  /// A user's name and number.
  private static func name(of user: UInt32) -> String {
    getpwuid(user).map { "'\(String(cString: $0.pointee.pw_name))' (\(user))" } ?? String(user)
  }

  public var description: String {
    switch self {
    case .connect(let endpoint, let reason):
      "cannot connect to '\(endpoint)': \(reason); is Redis running, and is this its address?"
    case .untrusted(let endpoint, let user?):
      "the password of '\(endpoint)' was not sent: user \(Self.name(of: user)) listens there, and is neither root nor the "
        + "user of a Redis service; see who it is with 'ss -ltnp', or name that user in QTCTL_REDIS_USER"
    case .untrusted(let endpoint, nil):
      "the password of '\(endpoint)' was not sent: who listens there cannot be told; use the address of its container, or "
        + "a unix socket"
    case .lost(let command, let reason): "the connection to Redis broke at '\(command)': \(reason)"
    case .timeout(let command, let time): "Redis did not answer '\(command)' within \(time)"
    case .replyTooLarge(let command, let limit):
      "the answer of Redis to '\(command)' is longer than \(limit) bytes"
    case .stopped: "stopped while waiting for Redis"
    case .closed: "the connection to Redis is closed"
    case .server(let error): "Redis refused: \(error.message)"
    case .unexpected(let command, let wanted, let got):
      "Redis answered '\(command)' with \(got) in place of \(wanted)"
    }
  }
}

/// An error that the server answered. The connection is as good as before.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The word in capitals that the message begins with, such as `NOSCRIPT`, `OOM` or the plain `ERR`; empty if none.
  public let code: String
  /// The whole line of the server, the code included.
  public let message: String

  public init(line: String) {
    message = line
    let word = line.prefix { $0 != " " }
    let isCode = !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    code = isCode ? String(word) : ""
  }

  /// Whether the server refused because of its state or its settings, which pass or which an operator changes, so that
  /// the same command may succeed later: nothing is wrong with the command or its data.
  public var isCondition: Bool {
    Self.conditions.contains(code) || code == "ERR" && Self.refusals.contains { message.hasPrefix($0) }
  }

  public var description: String { message }

  private static let conditions: Set<String> = [
    "LOADING",  // the data set is still read from disk
    "OOM",  // maxmemory is reached under noeviction
    "MISCONF",  // the disk of the AOF or the snapshot refuses writes
    "READONLY",  // a replica
    "BUSY",  // another script runs too long
    "MASTERDOWN", "NOREPLICAS", "TRYAGAIN", "CLUSTERDOWN", "MOVED", "ASK", "CROSSSLOT",
    "NOAUTH", "NOPERM", "WRONGPASS", "DENIED",  // for the operator to change
  ]

  /// Refusals that have no code of their own. Redis 7.0 gives a command that is refused inside a script the code ERR,
  /// whatever the reason; a command that was renamed is an unknown one.
  private static let refusals = [
    "ERR unknown command", "ERR unknown subcommand", "ERR Unknown Redis command", "ERR Unknown command",
    "ERR The user executing the script", "ERR max number of clients reached", "ERR DB index is out of range",
  ]
}
