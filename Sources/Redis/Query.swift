/// A command and how its reply is read, so that several questions fit into one pipeline.
///
/// `connection.ask(query)` asks one; for many, `connection.pipeline(queries.map(\.command))`, then `read` each reply.
public struct Query<Answer>: Sendable {
  public let command: Command
  private let reader: @Sendable (Reply) throws(RedisError) -> Answer

  public init(_ command: Command, read: @escaping @Sendable (Reply) throws(RedisError) -> Answer) {
    self.command = command
    reader = read
  }

  /// The answer that a reply to `command` means. A server's error is thrown.
  public func read(_ reply: Reply) throws(RedisError) -> Answer {
    if case .error(let error) = reply { throw .server(error) }
    return try reader(reply)
  }
}
