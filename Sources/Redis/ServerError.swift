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

  /// Whether the server is in a state that passes or that an operator ends, so that the same command may succeed
  /// later: nothing is wrong with the command itself.
  public var isCondition: Bool { Self.conditions.contains(code) }

  public var description: String { message }

  private static let conditions: Set<String> = [
    "LOADING",  // the data set is still read from disk
    "OOM",  // maxmemory is reached under noeviction
    "MISCONF",  // the disk of the AOF or the snapshot refuses writes
    "READONLY",  // a replica
    "BUSY",  // another script runs too long
    "MASTERDOWN", "NOREPLICAS", "TRYAGAIN", "CLUSTERDOWN",
    "NOAUTH", "NOPERM", "WRONGPASS",  // for the operator to fix, and no command's fault
  ]
}
