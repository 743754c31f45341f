/// A Lua script that runs inside the server, whole or not at all as far as other clients can see.
///
/// Lua has no undo: what a script wrote before an error stays written. Every key it touches is to be named in its keys.
public struct Script: Sendable, Hashable {
  /// A short name, for error messages.
  public let name: String
  public let source: String

  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }
}

extension Script {
  /// What one run of a script is given.
  public struct Call: Sendable, Hashable {
    public var keys: [String]
    /// Those of a `Command` without a name, which is cheaper than strings for hundreds of them.
    public var arguments: Command

    public init(keys: [String], arguments: Command) {
      self.keys = keys
      self.arguments = arguments
    }
  }
}

extension Connection {
  /// Runs a script by its digest. The source travels once for each connection, and again when the server has
  /// forgotten it (NOSCRIPT: restarted, or SCRIPT FLUSH).
  @discardableResult
  public func run(
    _ script: Script, keys: [String], arguments: [String] = [], timeout: Duration? = nil
  ) throws(RedisError) -> Reply {
    var tail = Command()
    tail.append(contentsOf: arguments)
    return try run(script, Script.Call(keys: keys, arguments: tail), timeout: timeout)
  }

  /// As above.
  @discardableResult
  public func run(_ script: Script, _ call: Script.Call, timeout: Duration? = nil) throws(RedisError) -> Reply {
    let reply = try send(command(script, call), timeout: timeout)
    guard case .error(let error) = reply else { return reply }
    guard error.code == "NOSCRIPT" else { throw .server(error) }
    digests[script.source] = nil
    return try self.call(command(script, call), timeout: timeout)
  }

  /// Runs a script once for each call that `next` makes; the next call is made while the server works on the last one.
  /// One that fails does not keep the others from being carried out; then the first error is thrown.
  public func run(_ script: Script, each next: () -> Script.Call?) throws(RedisError) -> [Reply] {
    let digest = try digest(of: script)
    var calls: [Script.Call] = []
    var replies = try stream {
      guard let call = next() else { return nil }
      calls.append(call)
      return Self.command(digest, call)
    }
    for index in replies.indices {
      guard case .error(let error) = replies[index] else { continue }
      guard error.code == "NOSCRIPT" else { throw .server(error) }
      replies[index] = try run(script, calls[index])
    }
    return replies
  }

  /// Sends all calls of a script in one go and returns one reply for each, in order; the server's errors are among them,
  /// and one does not keep the others from being carried out. When it throws, any number of the calls may have been carried
  /// out.
  public func pipeline(_ script: Script, _ calls: [Script.Call]) throws(RedisError) -> [Reply] {
    guard !calls.isEmpty else { return [] }
    let digest = try digest(of: script)
    var replies = try pipeline(calls.map { Self.command(digest, $0) })
    for (index, call) in calls.enumerated() {
      // trap: counted
      guard case .error(let error) = replies[index], error.code == "NOSCRIPT" else { continue }
      digests[script.source] = nil
      // trap: counted
      replies[index] = try send(command(script, call))
    }
    return replies
  }

  private func command(_ script: Script, _ call: Script.Call) throws(RedisError) -> Command {
    Self.command(try digest(of: script), call)
  }

  private static func command(_ digest: String, _ call: Script.Call) -> Command {
    var command = Command("EVALSHA", digest, String(call.keys.count))
    command.append(contentsOf: call.keys)
    command.append(argumentsOf: call.arguments)
    return command
  }

  private func digest(of script: Script) throws(RedisError) -> String {
    if let known = digests[script.source] { return known }
    let digest = try call(["SCRIPT", "LOAD", script.source]).requireString(of: "SCRIPT LOAD")
    digests[script.source] = digest
    return digest
  }
}
