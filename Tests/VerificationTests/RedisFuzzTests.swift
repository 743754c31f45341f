import Deployment
import Redis
import Synchronization
import TestSupport
import Testing

@testable import Verification

@Suite("Fuzzing of the replies of Redis", .serialized)
struct RedisFuzzTests {
  private static let words = [
    "*", "$", ":", "+", "-", "\r\n", "*-1\r\n", "$-1\r\n", "*0\r\n", "$0\r\n\r\n",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
    ":9223372036854775807\r\n", ":-9223372036854775808\r\n", "$9223372036854775807\r\n", "*4294967296\r\n",
    "-ERR x\r\n",
    "18446744073709551615-18446744073709551615", "_\r\n", "%1\r\n", "9", "0", "-1", "loading:1\r\n", "role:slave\r\n",
  ].map { Array($0.utf8) }

  @Test("whatever Redis answers, the checks end with a result", .timeLimit(.minutes(30)))
  func replies() async throws {
    try await RedisServer.with { server in
      guard case .unix(let target) = server.endpoint.address else { return }
      try RedisLookTests.fill(server.connect(), 6, read: 3, acknowledge: false)
      try server.connect().call(["XADD", "dead", "*", "source", "s", "reason", "r"])
      let folder = try SuiteFolder()
      let random = Mutex(SeededGenerator(seed: Fuzzer.seed, for: "redis"))
      let lying: @Sendable ([UInt8]) -> [UInt8] = { bytes in
        random.withLock { random in
          Bool.random(using: &random)
            ? Mutation.mutate(bytes, with: Self.words, using: &random) : Self.lie(bytes, &random)
        }
      }
      let relay = try Relay(at: folder.path + "/redis", to: target, change: lying)
      var subject = VerificationSubject(units: [], redis: "unix://\(folder.path)/redis")
      subject.verify.stable = .zero
      subject.verify.groups = [RedisLookTests.wanted]
      subject.verify.deadLetters = ["dead"]
      var options = VerificationOptions(probe: false)
      options.patience = .milliseconds(60)
      var passed = 0
      try await Fuzzer("redis", [[]], words: []).run { _ in
        let start = ContinuousClock.now
        _ = Baseline.look(subject.verify, at: subject.redis ?? "")
        let results = await Verifier(subject: subject, options: options).run()
        try #require(!results.isEmpty)
        try #require(start.duration(to: .now) < .seconds(30))
        if results.failures.isEmpty { passed += 1 }
      }
      print("fuzz: redis, all checks passed \(passed) times")
      withExtendedLifetime(relay) {}
    }
  }

  /// The same reply with other numbers.
  private static func lie(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    let numbers: [Int64] = [.max, .min, .max - 1, 0, -1, 1 << 62, 1 << 32]
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    let told = lines.map { line in
      guard line.first == ":", Int.random(in: 0..<3, using: &random) == 0 else { return String(line) }
      return ":\(numbers.randomElement(using: &random) ?? 0)"
    }
    return Array(told.joined(separator: "\r\n").utf8)
  }
}
