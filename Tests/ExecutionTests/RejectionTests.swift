import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// The rejections that a trader expects, each as a terminal state with its reason in stream and log.
@Suite struct RejectionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var symbol = "BTCUSDT"
    var action = "BUY"
    var size = 500.0
    var price = 50_000.0
    var leverage = 10
    var age: Int64 = 0
    let reason: String
  }

  static let cases = [
    Case(testDescription: "balance", size: 2_000_000, leverage: 1, reason: "insufficient balance: "),
    Case(testDescription: "notional", symbol: "DOGEUSDT", size: 4.9, price: 0.1, reason: "minimum notional: "),
    Case(testDescription: "lot", size: 49, reason: "lot size: "),
    Case(testDescription: "symbol", symbol: "NOPEUSDT", reason: "unknown symbol: "),
    Case(testDescription: "leverage", symbol: "AVAXUSDT", price: 30, leverage: 51, reason: "leverage out of range: "),
    Case(testDescription: "reduce only", action: "CLOSE", reason: "reduce only: "),
    Case(testDescription: "stale", age: 301, reason: "stale: "),
  ]

  @Test(arguments: cases)
  func itIsATerminalStateWithItsReason(_ rejection: Case) throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let connection = try server.connect()
      try Executor.group.ensure(on: connection)
      let now = Timestamp.now()
      let intent = try Sample.intent(
        rejection.symbol, action: rejection.action, size: rejection.size, price: rejection.price,
        leverage: rejection.leverage,
        timestamp: Timestamp(seconds: now.seconds - rejection.age, nanoseconds: now.nanoseconds).text)
      try Sample.publish(intent, trace: "t-1", on: connection)
      let log = LogRecorder()
      let executor = Executor(
        exchange: PaperExchange(at: server.endpoint, rules: PaperRules()),
        fence: try Fence.take(Names.Key.executionEpoch, on: connection), freshness: Freshness(most: .seconds(300)),
        logger: log.logger())
      let entries = try Executor.group.readNew(as: "test", limit: 9, block: .milliseconds(1), on: connection)
      #expect(try executor.execute(entries.map { Delivery($0) }, on: connection) == [.settled])

      let after = Aftermath(connection: connection)
      let result = try #require(try after.results().first)
      #expect(result.status == .rejected)
      #expect(result.reason.hasPrefix(rejection.reason))
      #expect((result.filledQuantity, result.averagePrice, result.feeUSD) == (0, 0, 0))
      let line = "TERMINAL STATE: REJECTED | \(rejection.symbol) \(rejection.action) | Reason: \(rejection.reason)"
      #expect(log.lines(line).count == 1)
      #expect(try connection.call(["HGET", PaperExchange.bookKey, "balance"]).isNull)
      #expect(try after.pending() == 0)
    }
  }
}
