import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// `QUANTUM_WAIT_AOF`: the claims of a batch are on the disk of Redis before anything of it is sent, and it is waited for
/// once.
@Suite struct WaitForDiskTests {
  // Not every Redis has WAITAOF. SMISMEMBER stands in: it too answers three words with whole numbers.
  private static let standIn = "rename-command SMISMEMBER WAITAOF"

  @Test func aBatchWaitsOnceAndThenIsSent() throws {
    try with([Self.standIn]) { connection, exchange in
      try connection.call(["SADD", "1", "0"])
      let now = Timestamp.now().text
      for trace in ["a", "b", "b"] { try publish(trace, at: now, on: connection) }
      try publish("c", on: connection)
      var asked = 0
      exchange.onSubmit = { _, _ in
        asked = max(asked, (try? waits(on: connection)) ?? 0)
        return ExchangeOrder(id: "7", state: .filled(quantity: 1, averagePrice: 2, feeUSD: 0))
      }
      #expect(try execute(on: connection, exchange) == [.settled, .settled, .acknowledge, .settled])
      #expect(exchange.submitted.count == 3)
      #expect(asked == 1)
      #expect(try waits(on: connection) == 1)
    }
  }

  @Test func aDiskThatDoesNotComeAlongSendsNothing() throws {
    try with([Self.standIn]) { connection, exchange in
      for trace in ["a", "b"] { try publish(trace, on: connection) }
      let outcomes = try execute(on: connection, exchange)
      guard outcomes.count == 2, case .later(let reason) = outcomes[0] else {
        Issue.record("\(outcomes)")
        return
      }
      #expect(reason.hasPrefix("Redis did not write its claims to its append-only file within "))
      #expect(exchange.submitted.isEmpty)
    }
  }

  private func waits(on connection: Connection) throws -> Int {
    let info = try connection.call(["INFO", "commandstats"]).string ?? ""
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_smismember:calls=") }
    return line.flatMap { Int($0.dropFirst("cmdstat_smismember:calls=".count).prefix { $0 != "," }) } ?? 0
  }

  private func publish(_ trace: String, at time: String = Timestamp.now().text, on connection: Connection) throws {
    let symbol = trace == "a" ? "BTCUSDT" : "ETHUSDT"
    try Sample.publish(try Sample.intent(symbol, price: 2000, timestamp: time), trace: trace, on: connection)
  }

  private func execute(on connection: Connection, _ exchange: ScriptedExchange) throws -> [Outcome] {
    let executor = Executor(
      exchange: exchange, fence: try Fence.take(Names.Key.executionEpoch, on: connection),
      freshness: Freshness(most: .seconds(300)), waitsForDisk: true, logger: LogRecorder().logger())
    let entries = try Executor.group.readNew(as: "test", limit: 100, block: .milliseconds(1), on: connection)
    return try executor.execute(entries.map { Delivery($0) }, on: connection)
  }

  private func with(_ configuration: [String], _ body: (Connection, ScriptedExchange) throws -> Void) throws {
    try RedisServer.with(.init(configuration: configuration)) { server in
      let connection = try server.connect()
      try Executor.group.ensure(on: connection)
      try body(connection, ScriptedExchange())
    }
  }
}
