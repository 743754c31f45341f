import EventBus
import Glibc
import Redis
import TestSupport
import Trading

/// The router beside a minimal C program with the same script and batch, and beside the first user's kind of Python
/// router: decisions a second from a stream that is full to one that holds all intents, every one acknowledged.
struct BusBench {
  var rounds = 3
  var decisions = 60_000
  /// Fewer for the slow one.
  var slowDecisions = 3_000

  func run() async throws {
    print("router, \(decisions) decisions waiting, appendfsync everysec, \(rounds) rounds in turn:")
    var rates: [Competitor: [Double]] = [:]
    for _ in 0..<rounds {
      for competitor in Competitor.allCases {
        let count = competitor == .python ? slowDecisions : decisions
        rates[competitor, default: []].append(try await rate(of: competitor, count))
      }
    }
    let medians = rates.mapValues { $0.sorted()[$0.count / 2] }
    for competitor in Competitor.allCases {
      print("  \(competitor.title): \(Int(medians[competitor] ?? 0)) decisions/s")
    }
    let router = medians[.router] ?? 0
    print(
      "  router / C = \(Self.ratio(router, medians[.minimal])), router / Python = \(Self.ratio(router, medians[.python]))"
    )
    try await LatencyBench().run()
  }

  private func rate(of competitor: Competitor, _ count: Int) async throws -> Double {
    try await RedisServer.with { server in
      let connection = try server.connect()
      try Decisions.publish(count, on: connection)
      return try await competitor.run(server, count) { _ in
        let start = ContinuousClock.now
        // Polled for seldom: asking is work for the server too.
        while try !Self.isDone(count, on: connection) { usleep(2000) }
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
      }
    }
  }

  private static func isDone(_ count: Int, on connection: Connection) throws -> Bool {
    guard try connection.call(["XLEN", Names.Stream.intents]).integer == Int64(count) else { return false }
    let pending = try connection.call(["XPENDING", Names.Stream.decisions, Names.Group.router])
    return pending.array?.first?.integer == 0
  }

  private static func ratio(_ one: Double, _ other: Double?) -> String {
    guard let other, other > 0 else { return "?" }
    return "\((one / other * 100).rounded() / 100)"
  }
}
