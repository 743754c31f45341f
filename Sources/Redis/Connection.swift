internal import CHiredis
internal import Glibc

/// One blocking connection to a Redis, for one thread at a time.
///
/// Any error of the transport is final for a connection: it closes itself, and every later call throws
/// `RedisError.closed`. Connect anew then; there is no silent reconnect, since what was in flight has an unknown fate.
public final class Connection {
  public struct Options: Sendable, Hashable {
    /// How long connecting may take, name resolution not included.
    public var connectTimeout: Duration
    /// How long the whole answer to a command may take, unless the call says otherwise.
    public var timeout: Duration
    /// The greatest number of bytes of one answer. A longer one closes the connection.
    public var maxReplyBytes: Int
    /// The name that `CLIENT LIST` shows; no spaces. nil sets none.
    public var clientName: String?

    public init(
      connectTimeout: Duration = .seconds(5), timeout: Duration = .seconds(5), maxReplyBytes: Int = 256 << 20,
      clientName: String? = nil
    ) {
      self.connectTimeout = connectTimeout
      self.timeout = timeout
      self.maxReplyBytes = maxReplyBytes
      self.clientName = clientName
    }
  }

  public let endpoint: Endpoint
  /// Who on this machine may be sent the password; `nil`: whoever listens.
  let trust: (any ListenerTrust)?
  public let options: Options
  private(set) var context: UnsafeMutablePointer<redisContext>?
  let builder = ReplyBuilder()
  /// The timeout that the socket has now.
  var socketTimeout: Duration
  /// The digests of the scripts that this connection has loaded, by source.
  var digests: [String: String] = [:]
  /// What was sent ahead, and what came of it.
  var ahead = Ahead.nothing

  /// Asks the sentinels where the master is, if the endpoint names some; connects, authenticates, selects the database and sets the client's name.
  ///
  /// SIGPIPE is ignored in the whole process from the first connection on: hiredis writes without MSG_NOSIGNAL, and a
  /// server that went away would end the process.
  public convenience init(to endpoint: Endpoint, options: Options = Options()) throws(RedisError) {
    try self.init(to: endpoint, options: options, trust: nil)
  }

  /// As above, and sends no password to anyone on this machine whom `trust` does not trust.
  package init(to endpoint: Endpoint, options: Options, trust: (any ListenerTrust)?) throws(RedisError) {
    _ = Self.ignorePipeSignal
    self.endpoint = endpoint
    self.trust = trust
    self.options = options
    socketTimeout = options.timeout
    let address =
      if case .sentinels(let sentinels) = endpoint.address {
        try sentinels.locate(endpoint, options, trust)
      } else {
        endpoint
      }
    let context = try Self.open(address, options)
    builder.attach(to: context)
    self.context = context
    do {
      try enter()
      if address != endpoint { try requireMaster(address) }
    } catch {
      close()
      throw error
    }
  }

  deinit {
    close()
  }

  public var isOpen: Bool { context != nil }

  /// Closes the connection. Closing twice does nothing.
  public func close() {
    guard let context else { return }
    redisFree(context)
    self.context = nil
  }

  private static let ignorePipeSignal: Void = {
    _ = signal(SIGPIPE, SIG_IGN)
  }()
}

extension Connection {
  static func open(
    _ endpoint: Endpoint, _ options: Options
  ) throws(RedisError) -> UnsafeMutablePointer<redisContext> {
    let patience = options.connectTimeout.socketTimeout
    let opened =
      switch endpoint.address {
      case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), patience)
      case .unix(let path): redisConnectUnixWithTimeout(path, patience)
      // `Sentinels.locate` has put the master's address in its place.
      case .sentinels: throw .connect(endpoint: endpoint.description, reason: "its sentinels were not asked")
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
      try requireTrust()
      commands.append(Command(["AUTH"] + (endpoint.user.map { [$0] } ?? []) + [password]))
    }
    if endpoint.database != 0 { commands.append(["SELECT", String(endpoint.database)]) }
    if let name = options.clientName { commands.append(["CLIENT", "SETNAME", name]) }
    guard !commands.isEmpty else { return }
    for reply in try pipeline(commands) {
      if case .error(let error) = reply { throw .server(withoutPassword(error)) }
    }
  }

  private func requireTrust() throws(RedisError) {
    guard let trust, let context else { return }
    for listener in Listener.all(behind: context.pointee.fd) where !trust.trusts(listener) {
      throw .untrusted(endpoint: endpoint.description, user: listener.user)
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
