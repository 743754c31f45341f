/// The sentinels that watch over a group of Redis servers, and the name that they know it by.
public struct Sentinels: Sendable, Hashable {
  public struct Host: Sendable, Hashable, CustomStringConvertible {
    /// By name or number; an IPv6 address without its brackets.
    public var host: String
    public var port: UInt16

    public init(_ host: String, port: UInt16 = 26_379) {
      self.host = host
      self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// At least one.
  public var hosts: [Host]
  public var master: String

  public init(_ hosts: [Host], master: String) {
    self.hosts = hosts
    self.master = master
  }
}

extension Sentinels {
  /// How long one sentinel may take: the others know as much.
  private static let patience = Duration.seconds(1)

  /// Where the master is now.
  ///
  /// Asks until more than half have answered and believes the one that knows of the latest failover, since a sentinel that
  /// is cut off goes on naming the master of before. Where fewer answer, the best of them counts.
  ///
  /// - Throws: `RedisError.connect` with what each of them said.
  func locate(
    _ endpoint: Endpoint, _ options: Connection.Options, _ trust: (any ListenerTrust)?
  ) throws(RedisError) -> Endpoint {
    var answers: [(epoch: Int64, address: Endpoint.Address)] = []
    var failures: [String] = []
    for host in hosts where answers.count * 2 <= hosts.count {
      do throws(RedisError) {
        answers.append(try ask(host, endpoint, options, trust))
      } catch {
        failures.append("\(host): \(error.reason)")
      }
    }
    guard let latest = answers.max(by: { $0.epoch < $1.epoch }) else {
      throw .connect(
        endpoint: endpoint.description,
        reason: "no sentinel tells where the master '\(master)' is (\(failures.joined(separator: "; ")))")
    }
    return Endpoint(
      latest.address, user: endpoint.user, password: endpoint.password, database: endpoint.database)
  }

  private func ask(
    _ host: Host, _ endpoint: Endpoint, _ options: Connection.Options, _ trust: (any ListenerTrust)?
  ) throws(RedisError) -> (epoch: Int64, address: Endpoint.Address) {
    let short = Connection.Options(
      connectTimeout: min(options.connectTimeout, Self.patience), timeout: min(options.timeout, Self.patience))
    let connection = try Connection(
      to: Endpoint(
        .tcp(host: host.host, port: host.port), user: endpoint.sentinelUser, password: endpoint.sentinelPassword),
      options: short, trust: trust)
    defer { connection.close() }
    let reply = try connection.call(["SENTINEL", "MASTER", master])
    guard let ip = reply["ip"]?.string, let port = reply["port"]?.string.flatMap({ UInt16($0) }), port > 0 else {
      throw reply.mismatch("SENTINEL MASTER", wanted: "an address")
    }
    let epoch = reply["config-epoch"]?.string.flatMap { Int64($0) } ?? 0
    return (epoch, .tcp(host: ip, port: port))
  }
}

extension Connection {
  /// Throws unless this is a master: just after a failover the sentinels may name one that is not yet, or no longer.
  func requireMaster(_ address: Endpoint) throws(RedisError) {
    let role = try call(["ROLE"]).array?.first?.string
    guard role != "master" else { return }
    throw .connect(
      endpoint: endpoint.description,
      reason: "'\(address)', which the sentinels name, is a \(role ?? "server without a role") and no master")
  }
}

extension RedisError {
  /// What happened, without the address.
  fileprivate var reason: String {
    switch self {
    case .connect(_, let reason): reason
    default: description
    }
  }
}
