import EventBus
import Redis
import StrategyRouter
import TestSupport
import Testing
import Trading

@testable import Execution

@Suite struct PipelineTests {
  @Test(arguments: [true, false])
  func aThousandDecisionsWithAHundredRepeatsAreAThousandOrders(_ areTraced: Bool) throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      // Any tenth is sent again, at once or at the very end.
      let again = (0..<1000).filter { $0 % 10 == 0 }
      let numbers = (0..<1000).flatMap { $0 % 20 == 0 ? [$0, $0] : [$0] } + again.filter { $0 % 20 != 0 }
      try publish(numbers, areTraced: areTraced, on: connection)

      let routed = LogRecorder()
      let router = Router(logger: routed.logger())
      try Loop.run(Router.group, at: server.endpoint, until: 1100) { try router.route($0, on: $1) }
      let executed = LogRecorder()
      try execute(1000, server, executed)

      let after = Aftermath(connection: connection)
      #expect(try after.entries(Names.Stream.intents).count == 1000)
      #expect(try after.entries(Names.Stream.results).count == 1000)
      #expect(try after.entries(Names.Stream.deadLetters).isEmpty)
      #expect(try after.paperOrders() == 1000)
      #expect(routed.lines("DUPLICATE_SKIP trace_id=").count == 100)
      #expect(Set(executed.lines("TERMINAL STATE: FILLED").compactMap { $0.fields["TRACE_ID"] }).count == 1000)
      #expect(executed.lines("DUPLICATE_SKIP").isEmpty)
      #expect(try after.pending() == 0)
    }
  }

  private func publish(_ numbers: [Int], areTraced: Bool, on connection: Connection) throws {
    let now = Timestamp.now()
    let stream = Stream(Names.Stream.decisions)
    var questions: [Query<String>] = []
    for (place, number) in numbers.enumerated() {
      let moment = Timestamp(seconds: now.seconds, nanoseconds: number * 1000)
      let payload = """
        {"symbol": "ETHUSDT", "side": "\(number % 2 == 0 ? "buy" : "sell")", "confidence": 0.5, "entry_price": 2000, \
        "quantity": 100, "leverage": 10, "stop_loss": 0, "take_profit": 0, "timestamp": "\(moment)", "model": "m"}
        """
      questions.append(
        stream.publishing([
          Field("event_type", "ai.decision.made"), Field("payload", payload),
          Field("trace_id", areTraced ? "t-\(number)" : ""), Field("correlation_id", "c-\(place)"),
          Field("timestamp", now.text), Field("source", "test"),
        ]))
    }
    for (question, reply) in zip(questions, try connection.pipeline(questions.map(\.command))) {
      _ = try question.read(reply)
    }
  }

  private func execute(_ count: Int, _ server: RedisServer, _ log: LogRecorder) throws {
    let exchange = PaperExchange(at: server.endpoint, rules: PaperRules())
    var executor: Executor?
    try Loop.run(
      Executor.group, at: server.endpoint, until: count,
      prepare: { connection in
        let fence = try Fence.take(Names.Key.executionEpoch, on: connection)
        executor = Executor(
          exchange: exchange, fence: fence, freshness: Freshness(most: .seconds(300)), logger: log.logger())
        return fence
      },
      handle: { deliveries, connection in try executor?.execute(deliveries, on: connection) ?? [] })
  }
}
