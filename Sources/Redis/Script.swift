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

extension Connection {
  /// Runs a script by its digest. The source travels once for each connection, and again when the server has
  /// forgotten it (NOSCRIPT: restarted, or SCRIPT FLUSH).
  @discardableResult
  public func run(
    _ script: Script, keys: [String], arguments: [String] = [], timeout: Duration? = nil
  ) throws(RedisError) -> Reply {
    var tail = Command()
    tail.append(contentsOf: arguments)
    return try run(script, keys: keys, arguments: tail, timeout: timeout)
  }

  /// As above; the arguments are those of a `Command` without a name, which is cheaper for hundreds of them.
  @discardableResult
  public func run(
    _ script: Script, keys: [String], arguments: Command, timeout: Duration? = nil
  ) throws(RedisError) -> Reply {
    var digest = if let known = digests[script.source] { known } else { try load(script) }
    for attempt in 1...2 {
      var command = Command("EVALSHA", digest, String(keys.count))
      command.append(contentsOf: keys)
      command.append(argumentsOf: arguments)
      let reply = try send(command, timeout: timeout)
      guard case .error(let error) = reply else { return reply }
      guard error.code == "NOSCRIPT", attempt == 1 else { throw .server(error) }
      digest = try load(script)
    }
    throw .unexpected(command: script.name, wanted: "a loaded script", got: "NOSCRIPT")
  }

  private func load(_ script: Script) throws(RedisError) -> String {
    let digest = try call(["SCRIPT", "LOAD", script.source]).requireString(of: "SCRIPT LOAD")
    digests[script.source] = digest
    return digest
  }
}
