internal import CHiredis
internal import Glibc

extension Connection {
  static func open(
    _ endpoint: Endpoint, _ options: Options
  ) throws(RedisError) -> UnsafeMutablePointer<redisContext> {
    let patience = options.connectTimeout.socketTimeout
    let opened =
      switch endpoint.address {
      case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), patience)
      case .unix(let path): redisConnectUnixWithTimeout(path, patience)
      }
    guard let context = opened else {
      throw .connect(endpoint: endpoint.description, reason: "no memory is left")
    }
    guard context.pointee.err == 0 else {
      let reason = Self.reason(of: context)
      redisFree(context)
      throw .connect(endpoint: endpoint.description, reason: reason)
    }
    redisSetTimeout(context, options.timeout.socketTimeout)
    if case .tcp = endpoint.address { redisEnableKeepAlive(context) }
    // By default hiredis gives its read buffer back after every reply above 16 KiB, and a batch of entries is larger.
    context.pointee.reader.pointee.maxbuf = 1 << 20
    return context
  }

  /// The commands that make a fresh connection one's own, in one round trip.
  func enter() throws(RedisError) {
    var commands: [Command] = []
    if let password = endpoint.password {
      commands.append(Command(["AUTH"] + (endpoint.user.map { [$0] } ?? []) + [password]))
    }
    if endpoint.database != 0 { commands.append(["SELECT", String(endpoint.database)]) }
    if let name = options.clientName { commands.append(["CLIENT", "SETNAME", name]) }
    guard !commands.isEmpty else { return }
    for reply in try pipeline(commands) {
      if case .error(let error) = reply { throw .server(withoutPassword(error)) }
    }
  }

  /// A server that does not know AUTH quotes its arguments back.
  private func withoutPassword(_ error: ServerError) -> ServerError {
    guard let password = endpoint.password, error.message.contains(password) else { return error }
    return ServerError(line: "\(error.code) the server refused to authenticate")
  }

  static func reason(of context: UnsafeMutablePointer<redisContext>) -> String {
    withUnsafeBytes(of: context.pointee.errstr) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
