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

  private let age: Duration

  init(_ connection: Connection, age: Duration = .seconds(300)) throws {
    self.connection = connection
    self.age = age
    try Executor.group.ensure(on: connection)
  }

  /// Makes the exchange fill what it gets.
  func fill() {
    exchange.onSubmit = { (_, _) in
      ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
    }
  }

  func executor(
    isStopping: @escaping () -> Bool = { false },
    goesOn: @escaping (Connection) throws(RedisError) -> Void = { _ throws(RedisError) in }
  ) throws -> Executor {
    Executor(
      exchange: exchange, fence: try Fence.take(Names.Key.executionEpoch, on: connection),
      freshness: Freshness(most: age), isStopping: isStopping, goesOn: goesOn, logger: log.logger())
  }

  /// Executes what is there.
  func execute(
    with executor: Executor? = nil, isStopping: @escaping () -> Bool = { false }
  ) throws -> [Outcome] {
    let executor = try executor ?? self.executor(isStopping: isStopping)
    let entries = try Executor.group.readNew(as: "test", limit: 100, block: .milliseconds(1), on: connection)
    return try executor.execute(entries.map { Delivery($0) }, on: connection)
  }

  /// Appends an intent as another producer writes it, with members replaced or added.
  func publish(_ changed: [String: String], trace: String) throws {
    let members = [
      "symbol": "\"BTCUSDT\"", "action": "\"BUY\"", "confidence": "0.9", "timestamp": "\"\(Timestamp.now())\"",
      "position_size_usd": "500", "leverage": "10", "entry_price": "50000", "stop_loss": "0", "take_profit": "0",
      "source": "\"test\"",
    ].merging(changed) { $1 }
    let payload = "{" + members.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
    let stream = Stream(Names.Stream.intents)
    try stream.publish([Field("payload", payload), Field("trace_id", trace)], on: connection)
  }

  /// The timestamp of the first intent.
  func timestamp() throws -> String {
    let entry = try after.entries(Names.Stream.intents)[0]
    let fields = (entry.fields ?? []).map { (name: $0.name, value: $0.value) }
    guard case .order(let intent) = try OrderMessage(fields, as: .intent, entry: entry.id).content else { return "" }
    return intent.timestamp.text
  }
}
