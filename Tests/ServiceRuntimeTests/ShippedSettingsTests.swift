import Redis
import Subprocess
import TestSupport
import Testing

@testable import ServiceRuntime
@testable import quantum_ai_strategy_router
@testable import quantum_execution

/// The shipped files describe the very settings that the programs read.
@Suite struct ShippedSettingsTests {
  private let units = Checkout.root + "/units/"

  @Test func theRoutersFileHasEveryKeyAtItsDefault() async throws {
    let file = try await EnvironmentText(at: units + "router.env")
    var shipped = EnvironmentReader(file.set)
    var empty = EnvironmentReader([:])
    let settings = try RouterSettings(&shipped)
    #expect("\(settings)" == "\(try RouterSettings(&empty))")
    try shipped.refuseUnknown()
    #expect(file.named.sorted() == shipped.known.sorted())
  }

  @Test func executionsFileHasEveryKeyAtItsDefault() async throws {
    let file = try await EnvironmentText(at: units + "execution.env")
    var shipped = EnvironmentReader(file.set)
    var empty = EnvironmentReader([:])
    let settings = try ExecutionSettings(&shipped)
    let standard = try ExecutionSettings(&empty)
    #expect(settings.common.redis == standard.common.redis)
    #expect(settings.common.batch == standard.common.batch)
    #expect(settings.common.claimIdle == standard.common.claimIdle)
    #expect(settings.common.deliveries == standard.common.deliveries)
    #expect(settings.common.keep == standard.common.keep)
    #expect(settings.common.keepDeadLetters == standard.common.keepDeadLetters)
    #expect(settings.keepResults == standard.keepResults)
    #expect(settings.freshness == standard.freshness)
    #expect(settings.paper == standard.paper)
    #expect(settings.window == standard.window)
    #expect(settings.venue == standard.venue)
    #expect(settings.venueTimeout == standard.venueTimeout)
    #expect(settings.stateDirectory == "/var/lib/quantum-execution")
    try shipped.refuseUnknown()
    #expect(file.named.sorted() == shipped.known.sorted())
  }

  @Test(arguments: [
    (
      "QUANTUM_GROUP_START", "0",
      "QUANTUM_GROUP_START is '0', should be beginning, end or group:<name of another group>"
    ),
    (
      "QUANTUM_PAPER_MARKETS", "/nonexistent/markets",
      "QUANTUM_PAPER_MARKETS cannot read '/nonexistent/markets': No such file or directory"
    ),
    ("QUANTUM_EXCHANGE", "binance", "QUANTUM_EXCHANGE is 'binance', should be one of paper, venue"),
    ("QUANTUM_PAPER_FEE", "0.5", "QUANTUM_PAPER_FEE is '0.5', should be a number from 0.0 to 0.1"),
    (
      "QUANTUM_STATE_DIRECTORY", "state",
      "QUANTUM_STATE_DIRECTORY is 'state', should be the absolute path of a directory"
    ),
    ("QUANTUM_INSTANCE", "a b", "QUANTUM_INSTANCE is 'a b', should be up to 32 letters, digits, '.', '_' or '-'"),
  ])
  func aWrongSettingOfExecutionIsNamed(_ key: String, _ value: String, _ text: String) {
    var environment = EnvironmentReader([key: value])
    let error = #expect(throws: EnvironmentError.self) { try ExecutionSettings(&environment) }
    #expect(error?.description == text)
  }

  @Test(arguments: ["quantum-ai-strategy-router.service", "quantum-execution.service"])
  func aUnitIsHardened(_ unit: String) async throws {
    let result = try await run(
      .name("systemd-analyze"),
      arguments: ["security", "--offline=yes", "--no-pager", "--threshold=9", units + unit],
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(0), "\(result.standardOutput) \(result.standardError)")
  }
}
