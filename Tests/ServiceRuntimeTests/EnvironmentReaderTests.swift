import Redis
import Testing

@testable import ServiceRuntime

@Suite struct EnvironmentReaderTests {
  @Test func whatIsNotSetHasItsDefault() throws {
    var environment = EnvironmentReader(["QUANTUM_EMPTY": "", "HOME": "/root"])
    #expect(try environment.integer("QUANTUM_BATCH", default: 64, in: 1...1000) == 64)
    #expect(try environment.integer("QUANTUM_EMPTY", default: 7, in: 1...1000) == 7)
    #expect(throws: Never.self) { try environment.refuseUnknown() }
  }

  @Test(arguments: ["0", "1001", "1.5", "ten", " 5"])
  func aWrongValueIsNamedWithItsKey(_ value: String) {
    var environment = EnvironmentReader(["QUANTUM_BATCH": value])
    let error = #expect(throws: EnvironmentError.self) {
      try environment.integer("QUANTUM_BATCH", default: 64, in: 1...1000)
    }
    #expect(error?.description == "QUANTUM_BATCH is '\(value)', should be a whole number from 1 to 1000")
  }

  @Test(arguments: [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("24h", 86_400_000), ("7d", 604_800_000)])
  func aDurationIsANumberWithAUnit(_ text: String, _ milliseconds: Int64) throws {
    var environment = EnvironmentReader(["QUANTUM_KEEP": text])
    let duration = try environment.duration("QUANTUM_KEEP", default: .zero, in: .zero...(.seconds(1_000_000)))
    #expect(duration == .milliseconds(milliseconds))
  }

  @Test(arguments: ["30", "s", "-1s", "030s", "1.5s", "1 s", "1w", "99999999999999999999s"])
  func whatIsNoDurationIsRefused(_ text: String) {
    var environment = EnvironmentReader(["QUANTUM_KEEP": text])
    let error = #expect(throws: EnvironmentError.self) {
      try environment.duration("QUANTUM_KEEP", default: .zero, in: .zero...(.seconds(1_000_000)))
    }
    #expect(error?.description.hasPrefix("QUANTUM_KEEP is '\(text)', should be a duration such as ") == true)
  }

  @Test func aSettingThatNobodyAskedForIsRefused() throws {
    var environment = EnvironmentReader(["QUANTUM_REDSI": "x", "REDIS": "y"])
    _ = try environment.endpoint("QUANTUM_REDIS", default: "redis://127.0.0.1:6379/0")
    let error = #expect(throws: EnvironmentError.self) { try environment.refuseUnknown() }
    #expect(error?.description == "QUANTUM_REDSI is not a setting of this service; there are QUANTUM_REDIS")
  }

  @Test func aPasswordIsNotShown() {
    var environment = EnvironmentReader(["QUANTUM_REDIS": "http://user:hunter2@host"])
    let error = #expect(throws: EnvironmentError.self) {
      try environment.endpoint("QUANTUM_REDIS", default: "redis://127.0.0.1:6379/0")
    }
    #expect(error?.description.hasPrefix("QUANTUM_REDIS is not the URL of a Redis: ") == true)
    #expect(error?.description.contains("hunter2") == false)
  }
}
