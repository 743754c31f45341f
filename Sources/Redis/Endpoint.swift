/// Where a Redis is and how to enter it.
public struct Endpoint: Sendable, Hashable {
  /// How the server is reached.
  public enum Address: Sendable, Hashable {
    /// By name or number; an IPv6 address without its brackets.
    case tcp(host: String, port: UInt16)
    /// By the absolute path of a unix socket.
    case unix(path: String)
  }

  public var address: Address
  /// The ACL user; nil is the server's `default` user.
  public var user: String?
  /// nil sends no AUTH at all.
  public var password: String?
  /// The number given to SELECT, 0 or more.
  public var database: Int

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
    }
  }

  public var debugDescription: String { description }
}

extension Endpoint: CustomReflectable {
  /// Shows what `description` shows: `dump` must not print the password either.
  public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
