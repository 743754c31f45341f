import EventBus
import Glibc
import Redis
import SystemPackage
import TestSupport
import Trading

/// From a decision written to its intent read by another client, at a steady rate; and what the router takes of memory.
struct LatencyBench {
  var rate = 1000
  var seconds = 5

  func run() async throws {
    let (times, resident) = try await RedisServer.with { server in
      try await Competitor.router.run(server, 0) { pid -> ([Double], Int) in
        let connection = try server.connect()
        while try !Self.isReady(connection) { usleep(5000) }
        return (try measure(server, connection), try Self.resident(pid))
      }
    }
    let sorted = times.sorted()
    func percentile(_ share: Double) -> String {
      let micro = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] * 1e6
      return "\((micro / 10).rounded() / 100) ms"
    }
    print(
      "decision to intent at \(rate)/s, \(times.count) of \(rate * seconds): p50 \(percentile(0.5)), "
        + "p99 \(percentile(0.99)), most \(percentile(1)); the router takes \(resident / 1024) MiB resident")
  }

  /// Writes a decision at each tick and waits for its intent before the next: what is measured is the whole way there.
  private func measure(_ server: RedisServer, _ connection: Connection) throws -> [Double] {
    let watching = try server.connect()
    var subscription = try Subscription.fromNow(Stream(Names.Stream.intents), on: watching)
    var times: [Double] = []
    let start = ContinuousClock.now
    for tick in 0..<(rate * seconds) {
      let due = start + .seconds(1) / rate * tick
      let rest = ContinuousClock.now.duration(to: due) / .microseconds(1)
      if rest > 0 { usleep(UInt32(rest)) }
      let question = Decisions.query(trace: "late-\(tick)")
      let written = ContinuousClock.now
      _ = try connection.ask(question)
      var entries: [Entry] = []
      while entries.isEmpty {
        entries = try subscription.next(limit: 100, block: .milliseconds(500), stop: nil, on: watching)
      }
      times.append(written.duration(to: .now) / .seconds(1))
    }
    return times
  }

  private static func isReady(_ connection: Connection) throws -> Bool {
    guard
      case .array(let groups) = try connection.send(["XINFO", "CONSUMERS", Names.Stream.decisions, Names.Group.router])
    else { return false }
    return !groups.isEmpty
  }

  /// Kilobytes of memory that a process holds.
  private static func resident(_ pid: pid_t) throws -> Int {
    let file = try FileDescriptor.open("/proc/\(pid)/statm", .readOnly)
    let text = try file.closeAfter {
      try withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
        String(decoding: buffer[..<(try file.read(into: buffer))], as: UTF8.self)
      }
    }
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4
  }
}
