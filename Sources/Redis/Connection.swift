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
  public let options: Options
  private(set) var context: UnsafeMutablePointer<redisContext>?
  /// The timeout that the socket has now.
  var socketTimeout: Duration
  /// The digests of the scripts that this connection has loaded, by source.
  var digests: [String: String] = [:]

  /// Connects, authenticates, selects the database and sets the client's name.
  ///
  /// SIGPIPE is ignored in the whole process from the first connection on: hiredis writes without MSG_NOSIGNAL, and a
  /// server that went away would end the process.
  public init(to endpoint: Endpoint, options: Options = Options()) throws(RedisError) {
    _ = Self.ignorePipeSignal
    self.endpoint = endpoint
    self.options = options
    socketTimeout = options.timeout
    context = try Self.open(endpoint, options)
    do {
      try enter()
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
