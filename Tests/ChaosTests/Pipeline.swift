import EventBus
import Redis
import TestSupport
import Trading

/// A Redis, a venue and a folder for the services of one test.
final class Pipeline {
  let redis: RedisServer
  let venue: VenueProcess
  let folder: TemporaryFolder
  private(set) var connection: Connection

  private init(_ redis: RedisServer, _ folder: TemporaryFolder, _ venueArguments: [String]) throws {
    self.redis = redis
    self.folder = folder
    venue = try VenueProcess(in: folder.path, venueArguments)
    connection = try redis.connect()
  }

  static func with(
    _ venueArguments: [String] = [], redis options: RedisServer.Options = .init(),
    _ body: (Pipeline) async throws -> Void
  ) async throws {
    try await TemporaryFolder.with { folder in
      try await RedisServer.with(options) { redis in try await body(try Pipeline(redis, folder, venueArguments)) }
    }
  }

  static let router = "quantum-ai-strategy-router"
  static let execution = "quantum-execution"

  var redisSocket: String { redis.folder + "/redis.sock" }

  /// Starts a service; changes replace its settings. Its log is a file of the folder.
  func start(_ program: String, _ changes: [String: String] = [:], log: String? = nil) throws -> ChildProcess {
    var environment = ["QUANTUM_REDIS": "unix://\(redisSocket)", "QUANTUM_CLAIM_IDLE": "2s"]
    if program == Self.execution {
      environment["QUANTUM_EXCHANGE"] = "venue"
      environment["QUANTUM_VENUE"] = venue.socket
      environment["QUANTUM_ORDER_WINDOW"] = "100ms"
      environment["QUANTUM_STATE_DIRECTORY"] = folder.path
    }
    environment.merge(changes) { $1 }
    let instance = environment["QUANTUM_INSTANCE"] ?? "1"
    return try ChildProcess(
      BuiltProgram.path(of: program), environment: environment,
      output: folder[log ?? "\(program)-\(instance).log"])
  }

  /// What a service has logged.
  func log(_ program: String) throws -> String {
    try folder.read("\(program)-1.log")
  }

  /// To be called when Redis was started again.
  func reconnect() throws {
    connection = try redis.connect()
  }

  /// Asks a service to stop and tells how it ended.
  func stop(_ service: ChildProcess) -> ChildProcess.End? {
    service.signal(15)
    return service.wait(upTo: .seconds(10))
  }

  func entries(_ stream: String) throws -> [Entry] {
    try connection.ask(Stream(stream).range(limit: 10_000))
  }

  func results() throws -> [OrderResult] {
    try entries(Names.Stream.results).map { entry in
      try OrderResult(try Envelope(fields: (entry.fields ?? []).map { ($0.name, $0.value) }))
    }
  }

  func pending(_ group: Group) throws -> Int {
    try connection.ask(group.pending).count
  }

  static let decisions = Group(Names.Group.router, of: Names.Stream.decisions)
  static let intents = Group(Names.Group.execution, of: Names.Stream.intents)

  func publishDecision(_ trace: String, at now: Timestamp = .now(), changed: [String: String?] = [:]) throws {
    try Stream(Names.Stream.decisions).publish(decision(trace, at: now, changed: changed), on: connection)
  }

  func decision(_ trace: String, at now: Timestamp, changed: [String: String?] = [:]) -> [Field] {
    let payload = """
      {"symbol": "BTCUSDT", "side": "buy", "confidence": 0.9, "entry_price": 50000, "quantity": 500, "leverage": 10, \
      "stop_loss": 0, "take_profit": 0, "timestamp": "\(now)", "model": "m"}
      """
    var fields: [String: String] = [
      "event_type": Names.EventType.decision, "payload": payload, "trace_id": trace, "correlation_id": "c",
      "timestamp": now.text, "source": "test",
    ]
    for (name, value) in changed { fields[name] = value }
    return fields.map { Field($0.key, $0.value) }
  }

  func publishIntent(_ trace: String, at now: Timestamp = .now(), changed: [String: String?] = [:]) throws {
    try Stream(Names.Stream.intents).publish(intent(trace, at: now, changed: changed), on: connection)
  }

  func intent(_ trace: String, at now: Timestamp, changed: [String: String?] = [:]) -> [Field] {
    let payload = """
      {"symbol": "BTCUSDT", "action": "BUY", "confidence": 0.9, "timestamp": "\(now)", "position_size_usd": 500, \
      "leverage": 10, "entry_price": 50000, "stop_loss": 0, "take_profit": 0, "source": "test"}
      """
    var fields: [String: String] = [
      "event_type": Names.EventType.intent, "payload": payload, "trace_id": trace, "correlation_id": "c",
      "timestamp": now.text, "source": "test",
    ]
    for (name, value) in changed { fields[name] = value }
    return fields.map { Field($0.key, $0.value) }
  }
}
