import Glibc
import Redis
import Synchronization
import TestSupport
import Testing

@Suite("A password is sent to nobody on this machine who is not trusted with it")
struct ListenerTests {
  /// Trusts these users, and keeps whom it was asked about.
  private final class Trust: ListenerTrust {
    let users: Set<UInt32>
    let asked = Mutex<[Listener]>([])

    init(_ users: Set<UInt32>) { self.users = users }

    func trusts(_ listener: Listener) -> Bool {
      asked.withLock { $0.append(listener) }
      return listener.user.map(users.contains) ?? false
    }
  }

  @Test("by every address of the machine: its user is asked about before anything is sent")
  func addresses() throws {
    let options = RedisServer.Options(tcp: true, password: "secret", configuration: ["bind 0.0.0.0 ::"])
    try RedisServer.with(options) { server in
      guard case .tcp(_, let port)? = server.tcpEndpoint?.address else { return }
      let addresses = ["127.0.0.1", "::1", "127.0.0.9", "localhost"].map { Endpoint.Address.tcp(host: $0, port: port) }
      for address in addresses + [server.endpoint.address] {
        let endpoint = Endpoint(address, password: "secret")
        let own = Trust([geteuid()])
        let connection = try Connection(to: endpoint, options: .init(), trust: own)
        let before = try authentications(connection)
        #expect(!own.asked.withLock { $0 }.isEmpty, "\(endpoint)")
        #expect(throws: RedisError.untrusted(endpoint: endpoint.description, user: geteuid())) {
          _ = try Connection(to: endpoint, options: .init(), trust: Trust([]))
        }
        #expect(try authentications(connection) == before, "\(endpoint)")
      }
    }
  }

  /// How often anyone has authenticated.
  private func authentications(_ connection: Connection) throws -> Substring? {
    let statistics = try connection.call(["INFO", "commandstats"]).string ?? ""
    return statistics.split(separator: "cmdstat_auth:calls=").dropFirst().first?.prefix { $0 != "," }
  }

  @Test("where no password is sent, nobody is asked about")
  func withoutPassword() throws {
    try RedisServer.with(.init(tcp: true)) { server in
      let trust = Trust([])
      let connection = try Connection(to: try #require(server.tcpEndpoint), options: .init(), trust: trust)
      #expect(try connection.call(["PING"]).string == "PONG")
      #expect(trust.asked.withLock { $0 } == [])
    }
  }
}
