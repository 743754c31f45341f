import Testing
import Trading

@testable import Execution

@Suite struct FreshnessTests {
  private let freshness = Freshness(most: .seconds(300))
  // 2026-01-31T12:00:00Z
  private let now = Timestamp(seconds: 1_769_860_800, nanoseconds: 0)

  @Test(
    arguments: [
      ("2026-01-31T11:55:00Z", "1769860800000-0", nil),
      ("2026-01-31T11:54:59.9Z", "1769860800000-0", "stale: 300 s old, at most 300 s are allowed"),
      ("2026-01-31T11:00:00Z", "1769860800000-0", "stale: 3600 s old, at most 300 s are allowed"),
      // A timestamp in the future does not keep an old entry fresh.
      ("2026-02-28T00:00:00Z", "1769860400000-0", "stale: 400 s old, at most 300 s are allowed"),
      ("2026-02-28T00:00:00Z", "1769860799999-5", nil),
    ] as [(String, String, String?)])
  func anIntentIsAsOldAsTheOlderOfItsTimes(_ timestamp: String, _ id: String, _ staleness: String?) throws {
    let intent = try Sample.intent(timestamp: timestamp)
    #expect(freshness.staleness(of: intent, entry: id, at: now) == staleness)
  }
}
