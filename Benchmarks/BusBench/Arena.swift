import EventBus
import Glibc
import Redis
import TestSupport
import Trading

/// A Redis in which one router after the other does the same work.
struct Arena {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let redis: RedisServer
  let connection: Connection
  private let port: UInt16

  init(_ redis: RedisServer) throws {
    self.redis = redis
    connection = try redis.connect()
    guard case .tcp(_, let port)? = redis.tcpEndpoint?.address else { throw Failure(description: "Redis has no port") }
    self.port = port
  }

  /// Decisions a second, from the first intent to the last by the clock of Redis; a start costs nothing so.
  func rate(of contender: Contender) throws -> Double {
    try clear()
    for start in stride(from: 0, to: contender.count, by: 1000) {
      try publish(start..<min(start + 1000, contender.count))
    }
    let process = try contender.start(port, contender.count)
    try wait(for: contender.count, process, contender.name)
    let ends = try ["XRANGE", "XREVRANGE"].map { command in
      let (from, to) = command == "XRANGE" ? ("-", "+") : ("+", "-")
      let reply = try connection.call([command, Names.Stream.intents, from, to, "COUNT", "1"])
      return Self.milliseconds(reply.array?.first?.array?.first?.string)
    }
    return Double(contender.count) / max(1, Double(ends[1] - ends[0])) * 1000
  }

  /// Milliseconds from decision to intent at a thousand a second, by the clock of Redis, sorted.
  func latencies(of contender: Contender, seconds: Int) throws -> (sorted: [Int64], residentKB: Int) {
    try clear()
    let count = seconds * 1000
    let process = try contender.start(port, count)
    usleep(500_000)
    let start = ContinuousClock.now
    for number in 0..<count {
      let early = ContinuousClock.now.duration(to: start + .milliseconds(number))
      if early > .zero { usleep(UInt32(early / .microseconds(1))) }
      try publish(number..<number + 1)
    }
    try wait(for: count, process, contender.name)
    let resident = ProcessMemory.residentKB(of: process.pid) ?? 0
    let decided = try moments(Names.Stream.decisions, count)
    let meant = try moments(Names.Stream.intents, count)
    return (decided.compactMap { trace, moment in meant[trace].map { $0 - moment } }.sorted(), resident)
  }

  private func clear() throws {
    try connection.call(["FLUSHALL"])
    try Group(Names.Group.router, of: Names.Stream.decisions).ensure(on: connection)
  }

  private func publish(_ numbers: Range<Int>) throws {
    let now = Timestamp.now().text
    let stream = Stream(Names.Stream.decisions)
    let commands = numbers.map { number in
      stream.publishing([
        Field("event_type", Names.EventType.decision),
        Field(
          "payload",
          """
          {"symbol": "BTCUSDT", "side": "buy", "confidence": 0.8734, "entry_price": 64250.5, "quantity": 500.0, \
          "leverage": 10, "stop_loss": 63000.0, "take_profit": 67000.25, \
          "timestamp": "2026-01-31T12:00:00.\(1_000_000 + number)+00:00", "model": "xgb-ensemble"}
          """),
        Field("trace_id", "bench-\(number)"), Field("correlation_id", "c-\(number)"), Field("timestamp", now),
        Field("source", "bench"),
      ]).command
    }
    _ = try connection.pipeline(commands)
  }

  private func wait(for count: Int, _ process: ChildProcess, _ name: String) throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try connection.call(["XLEN", Names.Stream.intents]).integer ?? 0 < count {
      usleep(20_000)
      if let end = process.poll(), end != .exited(0) { throw Failure(description: "\(name) ended: \(end)") }
      guard ContinuousClock.now < deadline else { throw Failure(description: "\(name) was not done within 120 s") }
    }
  }

  /// By trace.
  private func moments(_ stream: String, _ count: Int) throws -> [String: Int64] {
    let entries = try connection.ask(Stream(stream).range(limit: count))
    return Dictionary(uniqueKeysWithValues: entries.map { ($0["trace_id"] ?? "", Self.milliseconds($0.id)) })
  }

  static func milliseconds(_ id: String?) -> Int64 {
    id.flatMap { Int64($0.prefix { $0 != "-" }) } ?? 0
  }
}
