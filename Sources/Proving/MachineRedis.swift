internal import Deployment
internal import Redis
internal import Rehearsal

/// The Redis of a throwaway machine, where the manifest's is not the usual one: the same port, socket and password.
struct MachineRedis {
  /// Lines of a redis.conf. The last of a kind counts.
  let lines: [String]

  /// `nil` where the usual Redis will do.
  ///
  /// - Throws: `Refusal` where it is none of this host: the machine has no network.
  init?(_ address: String) throws {
    let endpoint = try Endpoint(address)
    var lines: [String] = []
    switch endpoint.address {
    case .tcp(let host, let port):
      guard ["127.0.0.1", "localhost", "::1"].contains(host) else {
        throw Refusal([
          "Redis at '\(endpoint)' is not on this host, and a throwaway machine has no network; name one of this host in"
            + " QTCTL_REDIS, or prove what does no harm with 'qtctl prove --live'"
        ])
      }
      if port != 6379 { lines.append("port \(port)") }
    case .unix(let path):
      if path != "/run/redis/redis-server.sock" { lines.append("unixsocket \(try Self.quoted(path))") }
    case .sentinels:
      throw Refusal([
        "a throwaway machine has no sentinels; name a Redis of this host in QTCTL_REDIS, or prove what does no harm with"
          + " 'qtctl prove --live'"
      ])
    }
    if let password = endpoint.password {
      let secret = try Self.quoted(password)
      if let user = endpoint.user {
        lines.append("user \(user) on \(try Self.quoted(">" + password)) ~* &* +@all")
      } else {
        lines.append("requirepass \(secret)")
      }
    }
    guard !lines.isEmpty else { return nil }
    self.lines = lines
  }

  func install(on machine: Machine) async throws {
    let path = "/etc/redis/redis.conf"
    let text = String(decoding: try await machine.read(path), as: UTF8.self)
    // Written into the file that is there: its owner and mode stay.
    try await machine.accomplish(["tee", "--", path], input: text + lines.map { $0 + "\n" }.joined())
    try await machine.accomplish(["systemctl", "restart", "redis-server.service"])
  }

  /// As redis.conf takes any text.
  private static func quoted(_ text: String) throws -> String {
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
      throw Refusal(["the address of Redis has a control character; correct 'redis:' in the manifest"])
    }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
