import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// A process that dies between claim and settlement, and the one that comes after it, over a real paper book.
@Suite struct RecoveryTests {
  /// Where the first process dies.
  enum Death: CaseIterable {
    case beforeTheOrder, afterTheOrder
  }

  private struct Killed: Error {}

  @Test(arguments: Death.allCases)
  func anIntentIsOneOrderWhereverTheFirstProcessDies(_ death: Death) throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Sample.publish(try Sample.intent(), trace: "t-1", on: connection)
      let dying = ScriptedExchange()
      dying.onSubmit = { (intent, id) throws(ExchangeError) in
        if death == .afterTheOrder { _ = try paper(server).submit(intent, as: id, before: .never) }
        throw ExchangeError("the process dies here")
      }
      #expect(throws: Killed.self) {
        try run(server, dying, until: 1) { _ in throw Killed() }
      }
      let after = Aftermath(connection: connection)
      #expect(try after.pending() == 1)
      #expect(try after.results().isEmpty)

      let log = LogRecorder()
      try run(server, paper(server), until: 1, log: log)
      #expect(try after.pending() == 0)
      #expect(try after.paperOrders() == 1)
      #expect(try after.results().map(\.status) == [.filled])
      #expect(log.lines.map(\.message) == ["TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=t-1"])
    }
  }

  @Test func aRedeliveredIntentIsLookedUpBeforeAnythingIsSent() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      try Sample.publish(try Sample.intent(), trace: "t-1", on: connection)
      let dying = ScriptedExchange()
      dying.onSubmit = { (_, _) throws(ExchangeError) in throw ExchangeError("the process dies here") }
      #expect(throws: Killed.self) { try run(server, dying, until: 1) { _ in throw Killed() } }

      // Told nothing about sending: that would be a fault.
      let asked = ScriptedExchange()
      asked.onLookUp = { _ in
        ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      }
      try run(server, asked, until: 1)
      #expect(asked.lookedUp == dying.submitted)
      #expect(try Aftermath(connection: connection).results().map(\.orderID) == ["7"])
    }
  }

  @Test func malformedIntentsAreDeadLettersAndTheStreamGoesOn() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let stream = Stream(Names.Stream.intents)
      try stream.publish([Field("payload", "{}")], on: connection)
      let broken = try Sample.envelope("{\"side\": \"buy\", \"symbol\": 7}", trace: "t-0")
      try stream.publish(broken.fields.map { Field($0.name, $0.value) }, on: connection)
      try Sample.publish(try Sample.intent(), trace: "t-1", on: connection)
      try run(server, paper(server), until: 3)
      let after = Aftermath(connection: connection)
      #expect(
        try after.entries(Names.Stream.deadLetters).map { $0["reason"] } == [
          "field 'side' is missing, should be one of buy, long, sell, short, close, hold",
          "field 'symbol' is 7, should be 2 to 20 capital letters and digits",
        ])
      #expect(try after.results().map(\.status) == [.filled])
      #expect(try after.pending() == 0)
    }
  }

  private func paper(_ server: RedisServer) -> PaperExchange {
    PaperExchange(at: server.endpoint, rules: PaperRules())
  }

  private func run(
    _ server: RedisServer, _ exchange: any Exchange, until count: Int, log: LogRecorder = LogRecorder(),
    ending: @escaping ([Outcome]) throws -> Void = { _ in }
  ) throws {
    var executor: Executor?
    var end: (any Error)?
    try Loop.run(
      Executor.group, at: server.endpoint, until: count,
      prepare: { connection in
        // A death that was met in the handler ends the loop here, with the connection's end.
        if let end { throw end }
        let fence = try Fence.take(Names.Key.executionEpoch, on: connection)
        executor = Executor(
          exchange: exchange, fence: fence, freshness: Freshness(most: .seconds(300)), window: .milliseconds(100),
          logger: log.logger())
        return fence
      },
      handle: { deliveries, connection in
        guard let executor else { return [] }
        let outcomes = try executor.execute(deliveries, on: connection)
        do {
          try ending(outcomes)
        } catch {
          end = error
          throw RedisError.closed
        }
        return outcomes
      })
  }
}
