import BusMeasurement
import EventBus
import Glibc
import Redis
import TestSupport
import Trading

/// What Redis needs for a paper trade, from the decision to its terminal state.
struct TradeMemory {
  /// Of its entries and keys, with what Redis needs to find them.
  let bytes: Int
  /// Of its decision, its intent and its result.
  let entries: Int
  let keys: Double
  /// The prefixes of its keys.
  let kinds: String
  /// Of the keys that live for longer than a day.
  let lasting: Int

  /// Lets a router and execution make so many trades, and looks at the memory before and after.
  static func measure(_ count: Int, router: String, execution: String) async throws -> TradeMemory {
    try await TemporaryFolder.with { folder in
      try RedisServer.with(.init(configuration: ["appendfsync no"])) { redis in
        let connection = try redis.connect()
        let environment = [
          "QUANTUM_REDIS": "unix://\(redis.folder)/redis.sock", "QUANTUM_EXCHANGE": "paper",
          "QUANTUM_PAPER_BALANCE": "1000000000", "STATE_DIRECTORY": folder.path,
        ]
        let processes = [
          try ChildProcess(router, environment: environment.filter { $0.key == "QUANTUM_REDIS" }),
          try ChildProcess(execution, environment: environment),
        ]
        defer { for process in processes { process.kill() } }
        // What is there once, and grows to its size with the first entries, is no trade's.
        try publish(0..<100, on: connection)
        try wait(for: 100, connection, processes, within: .seconds(30))
        let before = try Picture(connection)
        for start in stride(from: 100, to: count + 100, by: 1000) {
          try publish(start..<min(start + 1000, count + 100), on: connection)
        }
        try wait(for: count + 100, connection, processes, within: .seconds(300))
        let after = try Picture(connection)
        let (kinds, lasting) = try keys(of: trace(count), on: connection)
        return TradeMemory(
          bytes: (after.used - before.used) / count, entries: (after.streams - before.streams) / count,
          keys: Double((after.keys - before.keys) * 100 / count) / 100, kinds: kinds.joined(separator: ", "),
          lasting: lasting)
      }
    }
  }

  /// The most memory in KB that a router and execution have had when they have worked off so many decisions that waited
  /// for them.
  static func peaks(
    backlog count: Int, router: String, execution: String
  ) async throws -> (router: Int, execution: Int) {
    try await TemporaryFolder.with { folder in
      try RedisServer.with(.init(configuration: ["appendfsync no"])) { redis in
        let connection = try redis.connect()
        for start in stride(from: 0, to: count, by: 1000) {
          try publish(start..<min(start + 1000, count), on: connection)
        }
        let environment = ["QUANTUM_REDIS": "unix://\(redis.folder)/redis.sock"]
        let first = try ChildProcess(router, environment: environment)
        defer { first.kill() }
        try wait(for: count, in: Names.Stream.intents, connection, [first], within: .seconds(600))
        let own = [
          "QUANTUM_EXCHANGE": "paper", "QUANTUM_PAPER_BALANCE": "1000000000", "STATE_DIRECTORY": folder.path,
          "QUANTUM_INTENT_AGE": "24h",
        ]
        let second = try ChildProcess(execution, environment: environment.merging(own) { $1 })
        defer { second.kill() }
        try wait(for: count, connection, [first, second], within: .seconds(3600))
        return (
          ProcessMemory.peakKB(of: first.pid) ?? 0, ProcessMemory.peakKB(of: second.pid) ?? 0
        )
      }
    }
  }

  private struct Picture {
    let used: Int
    let streams: Int
    let keys: Int

    init(_ connection: Connection) throws {
      let info = try connection.call(["INFO", "memory"]).string ?? ""
      let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
      used = line.flatMap { Int($0.dropFirst("used_memory:".count)) } ?? 0
      streams = try [Names.Stream.decisions, Names.Stream.intents, Names.Stream.results].reduce(0) { sum, name in
        sum + Int(clamping: try connection.call(["MEMORY", "USAGE", name, "SAMPLES", "0"]).integer ?? 0)
      }
      keys = Int(clamping: try connection.call(["DBSIZE"]).integer ?? 0)
    }
  }

  /// The keys that name a trace, or whose value does, and the bytes of those that live for longer than a day.
  private static func keys(of trace: String, on connection: Connection) throws -> (kinds: [String], lasting: Int) {
    let id = try TraceID(trace, payload: "").clientOrderID
    var (kinds, lasting) = ([String](), 0)
    for name in try connection.call(["KEYS", "quantum:*"]).requireArray(of: "KEYS").compactMap(\.string) {
      let owner = name.hasPrefix(Names.Key.orderPrefix) ? try connection.call(["GET", name]).string : nil
      guard name.hasSuffix(":" + trace) || name.hasSuffix(id) || owner == trace else { continue }
      kinds.append(name)
      if try connection.call(["TTL", name]).integer ?? 0 > 86_400 {
        lasting += Int(clamping: try connection.call(["MEMORY", "USAGE", name]).integer ?? 0)
      }
    }
    return (kinds.sorted(), lasting)
  }

  private static func wait(
    for count: Int, in stream: String = Names.Stream.results, _ connection: Connection, _ processes: [ChildProcess],
    within limit: Duration
  ) throws {
    let deadline = ContinuousClock.now + limit
    while try connection.call(["XLEN", stream]).integer ?? 0 < count {
      usleep(50_000)
      for process in processes {
        if let end = process.poll() { throw Arena.Failure(description: "a service ended: \(end)") }
      }
      guard ContinuousClock.now < deadline else { throw Arena.Failure(description: "not done within \(limit)") }
    }
    // The services' own connections grow and shrink with their work.
    usleep(1_500_000)
  }

  /// As the first user's engine writes them, with the ids of a UUID's length.
  private static func publish(_ numbers: Range<Int>, on connection: Connection) throws {
    let now = Timestamp.now()
    let stream = Stream(Names.Stream.decisions)
    let commands = numbers.map { number in
      let moment = Timestamp(seconds: now.seconds, nanoseconds: number % 1_000_000 * 1000).text
      let isBuy = number % 2 == 0
      return stream.publishing([
        Field("event_type", Names.EventType.decision),
        Field(
          "payload",
          """
          {"symbol": "BTCUSDT", "side": "\(isBuy ? "buy" : "sell")", "confidence": 0.8734, "entry_price": 64250.5, \
          "quantity": 500.0, "leverage": 10, "stop_loss": \(isBuy ? 63000.5 : 67000.25), \
          "take_profit": \(isBuy ? 67000.25 : 63000.5), "timestamp": "\(moment)", "model": "xgb-ensemble"}
          """),
        Field("trace_id", trace(number)), Field("correlation_id", trace(number)), Field("timestamp", moment),
        Field("source", "ai-engine"),
      ]).command
    }
    _ = try connection.pipeline(commands)
  }

  /// 36 characters, as a UUID has.
  private static func trace(_ number: Int) -> String {
    let digits = String(number)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }
}
