/// Where a Redis is and how to enter it.
public struct Endpoint: Sendable, Hashable {
  /// How the server is reached.
  public enum Address: Sendable, Hashable {
    /// By name or number; an IPv6 address without its brackets.
    case tcp(host: String, port: UInt16)
    /// By the absolute path of a unix socket.
    case unix(path: String)
    /// By sentinels, which are asked at every connect where the master is.
    case sentinels(Sentinels)
  }

  public var address: Address
  /// The ACL user; nil is the server's `default` user.
  public var user: String?
  /// nil sends no AUTH at all.
  public var password: String?
  /// The number given to SELECT, 0 or more.
  public var database: Int
  /// For the sentinels, which have accounts of their own.
  public var sentinelUser: String?
  public var sentinelPassword: String?

  public init(_ address: Address, user: String? = nil, password: String? = nil, database: Int = 0) {
    self.address = address
    self.user = user
    self.password = password
    self.database = database
  }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible {
  /// The endpoint as a URL, with `***` in place of the password, so that it may be shown and logged.
  public var description: String {
    let credentials = password == nil ? "" : "\(user ?? ""):***@"
    switch address {
    case .tcp(let host, let port):
      let shown = host.contains(":") ? "[\(host)]" : host
      return "redis://\(credentials)\(shown):\(port)/\(database)"
    case .unix(let path):
      return "unix://\(credentials)\(path)?db=\(database)"
    case .sentinels(let sentinels):
      let hosts = sentinels.hosts.map(\.description).joined(separator: ",")
      return "redis+sentinel://\(credentials)\(hosts)/\(sentinels.master)/\(database)"
    }
  }

  public var debugDescription: String { description }
}

extension Endpoint: CustomReflectable {
  /// Shows what `description` shows: `dump` must not print the password either.
  public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

/// Why a text is not the URL of a Redis. Never contains the password.
public struct EndpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in words.
  public let reason: String

  public var description: String {
    "not the URL of a Redis: \(reason); write redis://[user:password@]host:port/db, unix:///path?db=0 or redis+sentinel://host:port,host:port/name/db"
  }
}
