internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Systemd
internal import Verification

/// How a proof is made.
package struct ProofOptions: Sendable {
  /// Overrides the manifest's address of Redis.
  package var redis: String?
  /// A further user whose Redis may be told its password.
  package var redisUser: String?
  /// How long a service may take to take over what a silent consumer held. Readers of `EventBus`, as they come, take
  /// 75 s at the latest.
  package var takeover: Duration
  /// Whether the services are those of a throwaway machine.
  var isThrowaway = false

  package init(redis: String?, redisUser: String? = nil, takeover: Duration = .seconds(90)) {
    self.redis = redis
    self.redisUser = redisUser
    self.takeover = takeover
  }
}

/// What a row works with: the manifest, its Redis and its units.
///
/// A row runs alone in its process, or alone beside a display: its calls may block.
struct Bench {
  let manifest: Manifest
  let options: ProofOptions
  let manager: ServiceManager

  init(_ manifest: Manifest, _ options: ProofOptions) throws {
    self.manifest = manifest
    self.options = options
    manager = try ServiceManager()
  }

  /// - Throws: `Ending` where nothing can be sent through the services.
  func pipeline() throws -> Pipeline {
    guard let pipeline = Pipeline(manifest) else { throw Ending.skipped(Pipeline.obstacle(manifest) ?? "") }
    return pipeline
  }

  /// The address of Redis.
  var redis: String? { options.redis ?? manifest.effectiveRedis }

  func connect() throws -> Connection { try server().connect() }

  private func server() throws -> Server {
    guard let redis else { throw Ending.skipped("the manifest names no Redis") }
    return Server(endpoint: try Endpoint(redis), user: options.redisUser)
  }

  /// Where Redis is and who may be told its password.
  private struct Server: Sendable {
    var endpoint: Endpoint
    var user: String?

    func connect() throws -> Connection {
      let options = Connection.Options(
        connectTimeout: .seconds(5), timeout: .seconds(10), maxReplyBytes: 64 << 20, clientName: "qtctl-prove")
      return try Connection(to: endpoint, options: options, trust: RedisUsers(named: user))
    }
  }

  /// Writes messages, one after the other, and returns the ids of their entries.
  @discardableResult
  func write(_ messages: [ProbeEntry], to stream: String? = nil) throws -> [String] {
    let connection = try connect()
    defer { connection.close() }
    let name = try stream ?? pipeline().wanted.into
    return try messages.map { try Stream(name).publish($0.fields, on: connection) }
  }

  /// Writes messages from two connections at the same time, the second one backwards.
  func writeTwice(_ messages: [ProbeEntry]) async throws {
    let (server, stream) = (try server(), Stream(try pipeline().wanted.into))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for messages in [messages, messages.reversed()] {
        group.addTask {
          try await BlockingThread.run { () throws(any Error) in
            let connection = try server.connect()
            defer { connection.close() }
            for message in messages { _ = try stream.publish(message.fields, on: connection) }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Writes each message twice, all of them in one transaction of Redis: no reader sees one copy without the other.
  func writeTwins(_ messages: [ProbeEntry]) throws {
    let connection = try connect()
    defer { connection.close() }
    let stream = Stream(try pipeline().wanted.into)
    let copies = messages.flatMap { [$0, $0] }.map { stream.publishing($0.fields).command }
    let replies = try connection.pipeline([["MULTI"]] + copies + [["EXEC"]])
    guard replies.last?.array?.count == copies.count else {
      throw Ending.failed("Redis did not take \(copies.count) entries of '\(stream.name)' in one transaction")
    }
  }

  /// What a row begins with that sends new messages through all services: they run, and what becomes of messages is watched
  /// from here on.
  ///
  /// - Throws: `Ending` where that cannot be.
  func sending(_ count: Int) throws -> (pipeline: Pipeline, trail: Trail, messages: [ProbeEntry]) {
    let pipeline = try pipeline()
    try requireRunning(pipelineUnits())
    return (pipeline, try Trail(self), try probes(count))
  }

  func probes(_ count: Int) throws -> [ProbeEntry] { try ProbeEntry.fresh(count, pipeline().wanted.probe) }

  /// How each message must come out that was written so often.
  func expecting(copies: Int = 1, afterKill: Bool = false) throws -> MessageOutcome.Expectation {
    MessageOutcome.Expectation(
      skips: copies - 1, ends: try pipeline().wanted.terminal != nil, toleratesMissingEnd: afterKill)
  }
}
