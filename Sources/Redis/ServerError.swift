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
