internal import Glibc
package import Redis

/// A master, a replica, and three sentinels that promote it when the master is gone.
package final class SentinelTrio {
  package static let name = "quantum"
  package let master: RedisServer
  package let replica: RedisServer
  /// By the sentinels.
  package let endpoint: Endpoint
  private let folder: TemporaryFolder
  private let ports: [UInt16]
  private var sentinels: [ChildProcess?] = []

  private init(_ master: RedisServer, _ replica: RedisServer, _ folder: TemporaryFolder) throws {
    (self.master, self.replica, self.folder) = (master, replica, folder)
    ports = try (0..<3).map { _ in try RedisServer.freePort() }
    endpoint = Endpoint(
      .sentinels(Sentinels(ports.map { Sentinels.Host("127.0.0.1", port: $0) }, master: Self.name)))
  }

  /// Runs `body` once the replica has all data and every sentinel knows the others.
  package static func with(_ body: (SentinelTrio) async throws -> Void) async throws {
    try await TemporaryFolder.with { folder in
      try await RedisServer.with(.init(tcp: true)) { master in
        try await RedisServer.with(.init(tcp: true)) { replica in
          let trio = try SentinelTrio(master, replica, folder)
          defer { trio.stop() }
          try await trio.start()
          try await body(trio)
        }
      }
    }
  }

  /// Ends a sentinel.
  package func stop(_ index: Int) {
    sentinels[index]?.signal(SIGTERM)
    _ = sentinels[index]?.wait(upTo: .seconds(5))
    sentinels[index] = nil
  }

  private func start() async throws {
    guard case .tcp(let host, let port)? = master.tcpEndpoint?.address else { return }
    try replica.connect().call(["REPLICAOF", host, String(port)])
    for (index, own) in ports.enumerated() {
      let file = try folder.write(
        """
        port \(own)
        bind 127.0.0.1
        dir \(folder.path)
        logfile \(folder.path)/sentinel-\(index).log
        sentinel monitor \(Self.name) \(host) \(port) 2
        sentinel down-after-milliseconds \(Self.name) 500
        sentinel failover-timeout \(Self.name) 3000

        """, to: "sentinel-\(index).conf")
      // Ended by SIGTERM, and when this process dies, by the end of its standard input.
      let program = """
        redis-server "$1" --sentinel </dev/null >/dev/null 2>&1 &
        p=$!
        trap 'kill -9 $p; exit 0' TERM
        read -r _
        kill -9 $p
        """
      sentinels.append(
        try ChildProcess(
          "/bin/sh", ["-c", program, "sh", file], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"]))
    }
    try await eventually("the sentinels know each other and the replica", within: .seconds(30)) {
      self.ports.allSatisfy { port in
        guard let connection = try? Connection(to: Endpoint(.tcp(host: "127.0.0.1", port: port))),
          let master = try? connection.call(["SENTINEL", "MASTER", Self.name])
        else { return false }
        return master["num-other-sentinels"]?.string == "2" && master["num-slaves"]?.string == "1"
      }
    }
  }

  private func stop() {
    for index in sentinels.indices { stop(index) }
  }
}
