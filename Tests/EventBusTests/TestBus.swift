import EventBus
import Redis
import TestSupport
import Testing

/// A server with one source stream, one group and the names that the tests share.
struct TestBus {
  let server: RedisServer
  let connection: Connection
  let source = Stream("source")
  let target = Stream("target")
  let dead = Stream("dead")
  let group = Group("workers", of: "source")

  static func with(_ options: RedisServer.Options = .init(), _ body: (TestBus) throws -> Void) throws {
    try RedisServer.with(options) { server in
      let bus = TestBus(server: server, connection: try server.connect())
      try bus.group.ensure(on: bus.connection)
      try body(bus)
    }
  }

  @discardableResult
  func publish(_ values: String...) throws -> [String] {
    try values.map { try source.publish([Field("value", $0)], on: connection) }
  }

  /// Gives entries to a consumer, which does nothing with them.
  @discardableResult
  func deliver(to consumer: String, limit: Int = 100) throws -> [String] {
    try group.readNew(as: consumer, limit: limit, block: .milliseconds(1), on: connection).map(\.id)
  }

  func entries(_ stream: Stream) throws -> [Entry] {
    try connection.ask(stream.range(limit: 10_000))
  }

  var pending: PendingSummary {
    get throws { try connection.ask(group.pending) }
  }

  var router: RouteOnce { RouteOnce(from: group, to: target.name, deadLetters: dead.name) }

  /// Deletes an entry although it is pending, as a careless trim does.
  func delete(_ id: String) throws {
    try connection.call(["XDEL", source.name, id])
  }
}

extension TestBus {
  /// Runs a loop until `isDone`, asked at every turn, or until a deadline, which is a failure.
  @discardableResult
  func run(
    as user: String? = nil, batch: Int = 64, deliveries: Int = 3, claimIdle: Duration = .seconds(3600),
    batchBytes: Int = 8 << 20,
    entryBytes: Int = 16 << 20, requirements: Requirements = Requirements(), readsAhead: Bool = false,
    prepare: Consumer.Prepare = { _ in nil }, handle: Consumer.Handle,
    observe: (ConsumerEvent) -> Void = { _ in }, until isDone: () -> Bool
  ) throws -> [String] {
    let stop = StopSignal()
    var endpoint = server.endpoint
    if let user { (endpoint.user, endpoint.password) = (user, "pw") }
    let consumer = Consumer(
      .init(
        group: group, name: "me", deadLetters: dead.name, batch: batch, block: .milliseconds(20),
        claimIdle: claimIdle, claimInterval: .milliseconds(30), deliveries: deliveries,
        retryInterval: .milliseconds(5), batchBytes: batchBytes, entryBytes: entryBytes, requirements: requirements,
        backoff: Backoff(first: .milliseconds(5), most: .milliseconds(20)), readsAhead: readsAhead),
      endpoint: endpoint, stop: stop)
    let deadline = ContinuousClock.now + .seconds(30)
    var events: [String] = []
    try consumer.run(prepare: prepare, handle: handle) { event in
      observe(event)
      if case .moving = event { return }
      guard case .turn = event else {
        events.append("\(event)".prefix { $0 != "(" }.description)
        return
      }
      if isDone() { stop.raise() }
      if ContinuousClock.now > deadline {
        Issue.record("not done in time; saw \(events.suffix(20))")
        stop.raise()
      }
    }
    return events
  }

  static func acknowledgeAll(_ deliveries: [Delivery], _: Connection) -> [Outcome] {
    deliveries.map { _ in .acknowledge }
  }
}
