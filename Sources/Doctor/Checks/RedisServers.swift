import Deployment
import Redis
package import Systemd
import Units
import Verification

/// The Redis servers of a host.
package enum RedisServers {
  /// The addresses of those that run as services.
  package static func running(_ services: [UnitStatus]) -> [String] {
    let ports = ListeningPorts()
    return services.filter(RedisServices.isServer).compactMap { service in
      service.controlGroup.flatMap { ports.ports(group: $0).first }.map { "redis://\($0.text)/0" }
    }
  }

  /// Each server once: one that is named with its password counts, not the same one that was found running.
  package static func distinct(named: [String], running: [String]) -> [String] {
    var seen: Set<String> = []
    return (named + running).filter { seen.insert(place($0)).inserted }
  }

  private static func place(_ url: String) -> String {
    guard let endpoint = try? Endpoint(url), case .tcp(let host, let port) = endpoint.address else { return url }
    return "\(["localhost", "::1"].contains(host) ? "127.0.0.1" : host):\(port)"
  }

  /// Asks each server; what keeps one from being asked is a finding of its own.
  static func examine(_ host: HostView, _ body: (Connection, String) throws -> [Finding]) -> [Finding] {
    host.redis.flatMap { url -> [Finding] in
      do {
        let endpoint = try Endpoint(url)
        let connection = try Connection(
          to: endpoint,
          options: Connection.Options(connectTimeout: .seconds(2), timeout: .seconds(5), maxReplyBytes: 16 << 20),
          trust: RedisUsers())
        defer { connection.close() }
        return try body(connection, client(endpoint))
      } catch {
        return [.unseen((try? Endpoint(url)).map { "\($0)" } ?? "redis", trouble(error))]
      }
    }
  }

  private static func trouble(_ error: any Error) -> String {
    guard (error as? RedisError)?.serverError?.code == "NOAUTH" else { return "\(error)" }
    return "it requires a password; name it in QTCTL_REDIS, as redis://user:password@host:port/db"
  }

  /// The start of a command line that reaches the server. The password is asked for, and never shown.
  static func client(_ endpoint: Endpoint) -> String {
    let place =
      switch endpoint.address {
      case .tcp(let host, let port): "-h \(HostView.quoted(host)) -p \(port)"
      case .unix(let path): "-s \(HostView.quoted(path))"
      case .sentinels(let sentinels): master(sentinels)
      }
    let user = endpoint.user.map { " --user \(HostView.quoted($0))" } ?? ""
    return "redis-cli \(place)" + (endpoint.password == nil ? "" : user + " --askpass")
  }

  /// The master is another one after a failover, so the sentinel is asked.
  private static func master(_ sentinels: Sentinels) -> String {
    guard let first = sentinels.hosts.first else { return "" }
    let address = first.description.split(separator: ":")
    let port = address.count > 1 ? address.last.map { " -p \($0)" } ?? "" : ""
    let ask =
      "redis-cli -h \(HostView.quoted(address.dropLast(port.isEmpty ? 0 : 1).joined(separator: ":")))\(port) "
      + "sentinel get-master-addr-by-name \(HostView.quoted(sentinels.master))"
    return "-h $(\(ask) | sed -n 1p) -p $(\(ask) | sed -n 2p)"
  }
}
