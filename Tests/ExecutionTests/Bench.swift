import EventBus
import Redis
import TestSupport
import Trading

@testable import Execution

/// An executor with an exchange that a test tells what to answer.
struct Bench {
  let connection: Connection
  let exchange = ScriptedExchange()
  let log = LogRecorder()
  var after: Aftermath { Aftermath(connection: connection) }

  init(_ connection: Connection) throws {
    self.connection = connection
    try Executor.group.ensure(on: connection)
  }

  /// Makes the exchange fill what it gets.
  func fill() {
    exchange.onSubmit = { (_, _) in
      ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
    }
  }

  func executor(isStopping: @escaping () -> Bool = { false }) throws -> Executor {
    Executor(
      exchange: exchange, fence: try Fence.take(Names.Key.executionEpoch, on: connection),
      freshness: Freshness(most: .seconds(300)), isStopping: isStopping, logger: log.logger())
  }

  /// Executes what is there.
  func execute(
    with executor: Executor? = nil, isStopping: @escaping () -> Bool = { false }
  ) throws -> [Outcome] {
    let executor = try executor ?? self.executor(isStopping: isStopping)
    let entries = try Executor.group.readNew(as: "test", limit: 100, block: .milliseconds(1), on: connection)
    return try executor.execute(entries.map { Delivery($0) }, on: connection)
  }

  /// The timestamp of the first intent.
  func timestamp() throws -> String {
    let entry = try after.entries(Names.Stream.intents)[0]
    return try Intent(try Envelope(fields: (entry.fields ?? []).map { ($0.name, $0.value) })).timestamp.text
  }
}
