import EventBus
import Glibc
import Redis
import TestSupport
import Trading

/// Orders a second that programs of execution make at the paper exchange, in turn, each on a Redis of its own.
struct OrderBench {
  /// The programs' paths.
  let programs: [String]
  /// Orders in one round.
  let count: Int
  let rounds: Int

  /// The median of each program under a setting of `appendfsync`.
  func medians(appendfsync: String) async throws -> [Double] {
    var rates = programs.map { _ in [Double]() }
    // In turn, so that what else the machine does hits all alike.
    for _ in 0..<max(1, rounds) {
      for (index, program) in programs.enumerated() {
        rates[index].append(try await rate(of: program, appendfsync: appendfsync))
      }
    }
    return rates.map { $0.sorted()[$0.count / 2] }
  }

  /// From the first result to the last by the clock of Redis; a start costs nothing so.
  private func rate(of program: String, appendfsync: String) async throws -> Double {
    try await TemporaryFolder.with { folder in
      try RedisServer.with(.init(configuration: ["appendfsync \(appendfsync)"])) { redis in
        let connection = try redis.connect()
        for start in stride(from: 0, to: count, by: 1000) {
          try publish(start..<min(start + 1000, count), on: connection)
        }
        let process = try ChildProcess(
          program,
          environment: [
            "QUANTUM_REDIS": "unix://\(redis.folder)/redis.sock", "QUANTUM_EXCHANGE": "paper",
            "STATE_DIRECTORY": folder.path,
          ])
        defer { process.kill() }
        let deadline = ContinuousClock.now + .seconds(120)
        while try connection.call(["XLEN", Names.Stream.results]).integer ?? 0 < count {
          usleep(20_000)
          if let end = process.poll() { throw Arena.Failure(description: "\(program) ended: \(end)") }
          guard ContinuousClock.now < deadline else {
            throw Arena.Failure(description: "\(program) was not done within 120 s")
          }
        }
        let ends = try ["XRANGE", "XREVRANGE"].map { command in
          let (from, to) = command == "XRANGE" ? ("-", "+") : ("+", "-")
          let reply = try connection.call([command, Names.Stream.results, from, to, "COUNT", "1"])
          return Arena.milliseconds(reply.array?.first?.array?.first?.string)
        }
        return Double(count) / max(1, Double(ends[1] - ends[0])) * 1000
      }
    }
  }

  private func publish(_ numbers: Range<Int>, on connection: Connection) throws {
    let now = Timestamp.now()
    let stream = Stream(Names.Stream.intents)
    let commands = numbers.map { number in
      stream.publishing([
        Field("event_type", Names.EventType.intent),
        Field(
          "payload",
          """
          {"symbol": "BTCUSDT", "action": "\(number % 2 == 0 ? "BUY" : "SELL")", "confidence": 0.8734, \
          "timestamp": "\(Timestamp(seconds: now.seconds, nanoseconds: number % 1_000_000 * 1000))", \
          "position_size_usd": 500, "leverage": 10, "entry_price": 64250.5, "stop_loss": 0, "take_profit": 0, \
          "source": "bench"}
          """),
        Field("trace_id", "bench-\(number)"), Field("correlation_id", "c-\(number)"), Field("timestamp", now.text),
        Field("source", "bench"),
      ]).command
    }
    _ = try connection.pipeline(commands)
  }
}
