import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

/// Both services find Redis by its sentinels, and the master is killed while decisions flow.
@Suite(.timeLimit(.minutes(3))) struct SentinelFailoverTests {
  @Test func whatTheNewMasterKnowsComesOutOnceAndNothingIsOrderedTwice() async throws {
    try await SentinelTrio.with { trio in
      try await TemporaryFolder.with { folder in
        let venue = try VenueProcess(in: folder.path, [])
        let services = try [Pipeline.router, Pipeline.execution].map { try start($0, trio, folder, venue) }
        try await publish(600, to: trio)
        let connection = try Connection(to: trio.endpoint)
        try await eventually("nothing is under way", within: .seconds(60)) {
          // The groups may not be there yet.
          guard let decisions = try? connection.ask(Pipeline.decisions.pending).count,
            let intents = try? connection.ask(Pipeline.intents.pending).count, decisions + intents == 0
          else { return false }
          return try entries(Names.Stream.results, connection) == entries(Names.Stream.decisions, connection)
        }
        let decisions = try entries(Names.Stream.decisions, connection)
        #expect(decisions.count > 300)
        #expect(try entries(Names.Stream.intents, connection) == decisions)
        #expect(try entries(Names.Stream.results, connection) == decisions)
        let orders = try venue.ledger().map(\.clientOrderID)
        #expect(Set(orders).count == orders.count)
        #expect(orders.count >= decisions.count)
        for service in services {
          #expect(service.poll() == nil)
          service.signal(SIGTERM)
          #expect(service.wait(upTo: .seconds(10)) == .exited(0))
        }
      }
    }
  }

  /// Publishes each until a master has taken it; kills the master on the way.
  private func publish(_ count: Int, to trio: SentinelTrio) async throws {
    var connection: Connection?
    for number in 0..<count {
      if number == count / 3 { trio.master.kill() }
      let decision = Decision(number)
      let end = ContinuousClock.now + .seconds(30)
      while true {
        do {
          let open = try connection ?? Connection(to: trio.endpoint)
          connection = open
          try Stream(Names.Stream.decisions).publish(decision.fields, on: open)
          break
        } catch {
          connection = nil
          guard ContinuousClock.now < end else { throw error }
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  private struct Decision {
    let fields: [Field]

    init(_ number: Int) {
      let now = Timestamp.now()
      let payload = """
        {"symbol": "BTCUSDT", "side": "buy", "confidence": 0.9, "entry_price": 50000, "quantity": 500, "leverage": 10, \
        "stop_loss": 0, "take_profit": 0, "timestamp": "\(now)", "model": "m"}
        """
      fields = [
        Field("event_type", Names.EventType.decision), Field("payload", payload), Field("trace_id", "t-\(number)"),
        Field("correlation_id", "c"), Field("timestamp", now.text), Field("source", "test"),
      ]
    }
  }

  /// The traces of a stream's entries, sorted.
  private func entries(_ stream: String, _ connection: Connection) throws -> [String] {
    try connection.ask(Stream(stream).range(limit: 10_000)).compactMap { $0["trace_id"] }.sorted()
  }

  private func start(
    _ program: String, _ trio: SentinelTrio, _ folder: TemporaryFolder, _ venue: VenueProcess
  ) throws -> ChildProcess {
    guard case .sentinels(let sentinels) = trio.endpoint.address else { throw EndpointMismatch() }
    let hosts = sentinels.hosts.map(\.description).joined(separator: ",")
    var environment = ["QUANTUM_REDIS": "redis+sentinel://\(hosts)/\(sentinels.master)"]
    if program == Pipeline.execution {
      environment["QUANTUM_EXCHANGE"] = "venue"
      environment["QUANTUM_VENUE"] = venue.socket
      environment["QUANTUM_ORDER_WINDOW"] = "300ms"
      environment["QUANTUM_STATE_DIRECTORY"] = folder.path
    }
    return try ChildProcess(
      BuiltProgram.path(of: program), environment: environment, output: folder["\(program).log"])
  }

  private struct EndpointMismatch: Error {}
}
