internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Systemd
internal import Units
internal import Verification

/// Finds the Redis that units are connected to, and which consumer groups are theirs.
struct RedisChoice {
  private static let programs = ["redis-server", "valkey-server", "keydb-server"]
  /// How long all questions to a Redis may take, and of how many streams it is asked.
  private static let patience = Duration.seconds(3)
  private static let mostStreams = 500
  /// What a check of a group takes for healthy where the manifest says nothing.
  private static let limits = (pending: 100, lag: 1000)

  private let units: [UnitCandidates]
  private let named: Endpoint?

  /// - Parameter named: a URL with what is needed to enter.
  init(_ units: [UnitCandidates], named: String?) {
    self.units = units
    self.named = named.flatMap { try? Endpoint($0) }
  }

  /// The one that most units use, and what a person has to know of the others.
  func choose() -> (AdoptedRedis?, [String]) {
    var users: [ListeningPorts.Port: Set<String>] = [:]
    for unit in units {
      for connection in unit.connections where isRedis(connection.remote) {
        users[connection.remote, default: []].insert(unit.status.unit)
      }
    }
    let ranked = users.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    guard let (port, names) = ranked.first.map({ ($0.key, $0.value) }) else { return (nil, []) }
    let notes = ranked.dropFirst().map { other in
      "\(other.value.sorted().joined(separator: ", ")) also use the Redis at \(other.key.text); a manifest names one"
    }
    return (look(at: port, users: names.sorted()), notes)
  }

  /// Other servers are not sent a word: a server that speaks something else may take it for an attack.
  private func isRedis(_ port: ListeningPorts.Port) -> Bool {
    if let named, case .tcp(_, let number) = named.address, number == port.port { return true }
    if port.port == 6379 { return true }
    return units.contains { unit in
      unit.ports.contains { $0.port == port.port }
        && unit.status.execStart.contains { command in Self.programs.contains { command.path.hasSuffix("/" + $0) } }
    }
  }

  private func look(at port: ListeningPorts.Port, users: [String]) -> AdoptedRedis {
    var endpoint = Endpoint(.tcp(host: port.host, port: port.port))
    if let named, case .tcp(_, port.port) = named.address {
      (endpoint.user, endpoint.password, endpoint.database) = (named.user, named.password, named.database)
    }
    var redis = AdoptedRedis(url: "redis://\(port.text)/\(endpoint.database)", users: users)
    do {
      let connection = try Connection(
        to: endpoint,
        options: Connection.Options(connectTimeout: Self.patience, timeout: Self.patience, maxReplyBytes: 16 << 20),
        trust: RedisUsers())
      defer { connection.close() }
      redis.doubt = RedisDurability.fault(info: try connection.call(["INFO"]).string ?? "")
      let readers = Self.readers(try connection.call(["CLIENT", "LIST"]).string ?? "")
      redis.groups = try groups(connection, Self.strangers(readers, units.flatMap(\.connections)), readers.count)
    } catch {
      let isLocked = error.serverError?.code == "NOAUTH"
      redis.doubt =
        isLocked ? "it requires a password; name it in QTCTL_REDIS, as redis://user:password@host:port/db" : "\(error)"
    }
    return redis
  }

  private func groups(
    _ connection: Connection, _ strangers: [String], _ readers: Int
  ) throws(RedisError) -> [AdoptedGroup] {
    var found: [AdoptedGroup] = []
    let deadline = ContinuousClock.now + Self.patience
    for stream in try Self.streams(connection, until: deadline).sorted() where ContinuousClock.now < deadline {
      for group in try connection.ask(Stream(stream).groups) {
        let isBehind = group.pending > Self.limits.pending || group.lag ?? 0 > Self.limits.lag
        found.append(
          AdoptedGroup(
            stream: stream, group: group.name,
            doubt: Self.doubt(consumers: group.consumers, readers: readers, strangers: strangers),
            isBehind: isBehind))
      }
    }
    return found
  }

  /// Redis tells who reads by groups, but not by which.
  static func doubt(consumers: Int, readers: Int, strangers: [String]) -> String? {
    if consumers == 0 { return "it has no consumer" }
    if readers == 0 { return "no connection reads by a group at the moment" }
    guard let stranger = strangers.first else { return nil }
    return "clients that are not of these units read by groups too, such as the one at \(stranger)"
  }

  /// The addresses of the connections that read by a group, from `CLIENT LIST`.
  static func readers(_ list: String) -> [String] {
    list.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(separator: " ")
      guard words.contains("cmd=xreadgroup") else { return nil }
      return words.first { $0.hasPrefix("addr=") }.map { String($0.dropFirst(5)) }
    }
  }

  /// Those readers that are none of the connections.
  static func strangers(_ readers: [String], _ connections: [ListeningPorts.Connection]) -> [String] {
    let known = Set(connections.map(\.local.text))
    return readers.filter { !known.contains($0) }
  }

  private static func streams(
    _ connection: Connection, until deadline: ContinuousClock.Instant
  ) throws(RedisError) -> [String] {
    var found: Set<String> = []
    var cursor = "0"
    repeat {
      let reply = try connection.call(["SCAN", cursor, "COUNT", "1000", "TYPE", "stream"]).requireArray(of: "SCAN")
      cursor = reply.first?.string ?? "0"
      let names = try reply.last?.requireArray(of: "SCAN") ?? []
      found.formUnion(names.compactMap(\.string))
    } while cursor != "0" && found.count < mostStreams && ContinuousClock.now < deadline
    return Array(found)
  }
}
