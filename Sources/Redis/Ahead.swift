/// A command whose answer can wait while others are called.
enum Ahead {
  case nothing
  case sent(Command)
  case answered(Reply)
}

extension Connection {
  /// Sends a command whose answer is taken later, with `takeAhead`. What is called meanwhile gets its own answers, and the
  /// server works on this command first: it must not block.
  ///
  /// One at a time; the answer to an earlier one that nobody took is lost.
  public func sendAhead(_ command: Command) throws(RedisError) {
    _ = try takeAhead()
    try begin(nil)
    try append(command)
    try flush(command)
    ahead = .sent(command)
  }

  /// The answer to what was sent ahead, which is waited for; nil where nothing was. A server's error is a reply.
  public func takeAhead() throws(RedisError) -> Reply? {
    try begin(nil)
    try receiveAhead()
    guard case .answered(let reply) = ahead else { return nil }
    ahead = .nothing
    return reply
  }

  /// Takes in the answer to what was sent ahead, which is the first one to come.
  func receiveAhead() throws(RedisError) {
    guard case .sent(let command) = ahead else { return }
    ahead = .nothing
    ahead = .answered(try receiveNext(command))
  }
}
