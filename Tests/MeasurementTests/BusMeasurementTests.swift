import BusMeasurement
import Redis
import TestSupport
import Testing

/// Each needs a real Redis; the programs of this build lie beside the tests.
@Suite("What the services are measured beside")
struct BusMeasurementTests {
  static let routers = [
    BusProgram.router(300), .pythonRouter(300), .cRouter(300), .serverLimit(300),
  ]

  @Test("makes each decision an intent, once", arguments: routers)
  func routing(_ program: BusProgram) throws {
    try Arena.with(.routing, appendfsync: "everysec") { arena in
      let throughput = try arena.throughput(of: program)
      #expect(throughput.perSecond > 0)
      let connection = try arena.redis.connect()
      #expect(try connection.call(["XLEN", "quantum:stream:trade.intent"]).integer == 300)
      let keys = try connection.call(["EVAL", "return #redis.call('KEYS', 'quantum:dedup:trade_intent:*')", "0"])
      #expect(keys.integer == 300)
    }
  }

  @Test("makes each intent a terminal state, once", arguments: [BusProgram.execution(100), .pythonExecution(100)])
  func execution(_ program: BusProgram) throws {
    try Arena.with(.execution, appendfsync: "everysec") { arena in
      _ = try arena.throughput(of: program)
      let connection = try arena.redis.connect()
      #expect(try connection.call(["XLEN", "quantum:stream:execution.result"]).integer == 100)
      let keys = try connection.call(["EVAL", "return #redis.call('KEYS', 'quantum:dedup:order:*')", "0"])
      #expect(keys.integer == 100)
    }
  }

  @Test("has a latency for each decision that is sent")
  func latencies() throws {
    let latencies = try Arena.with(.routing, appendfsync: "everysec") {
      try $0.latencies(of: .pythonRouter(1), perSecond: 100, seconds: 1)
    }
    #expect(latencies.count == 100 && latencies.allSatisfy { $0 > 0 })
  }

  @Test("is told why it ended")
  func failure() throws {
    let program = BusProgram.fastStreamRouter(10, python: "/bin/false")
    let error = #expect(throws: Arena.Failure.self) {
      try Arena.with(.routing, appendfsync: "everysec") { try $0.throughput(of: program) }
    }
    #expect(error?.description.hasPrefix("FastStream ended: exited(1)") == true)
  }
}
