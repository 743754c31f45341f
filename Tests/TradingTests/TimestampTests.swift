import FoundationEssentials
import Testing

@testable import Trading

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0, 0), ("2026-01-31T12:00:00.123456+00:00", 1_769_860_800, 123_456_000),
    ("2026-01-31T12:00:00", 1_769_860_800, 0), ("2026-01-31T13:30:00+01:30", 1_769_860_800, 0),
    ("2026-01-31T07:00:00.5-0500", 1_769_860_800, 500_000_000), ("2026-01-31T13:00:00+01", 1_769_860_800, 0),
    ("2024-02-29T00:00:00Z", 1_709_164_800, 0), ("2000-02-29T23:59:59.1234567899Z", 951_868_799, 123_456_789),
    ("1969-12-31T23:59:59.25Z", -1, 250_000_000), ("2026-01-31 12:00:00", 1_769_860_800, 0),
    ("2026-01-31 13:00:00.25+01:00", 1_769_860_800, 250_000_000), ("1769860800", 1_769_860_800, 0),
    ("1769860800.25", 1_769_860_800, 250_000_000), ("1769860800123", 1_769_860_800, 123_000_000),
    ("1769860800123.5", 1_769_860_800, 123_500_000), ("0", 0, 0),
  ])
  func aMomentIsRead(_ text: String, _ seconds: Int64, _ nanoseconds: Int) {
    let timestamp = Timestamp(text)
    #expect(timestamp?.seconds == seconds)
    #expect(timestamp?.nanoseconds == nanoseconds)
    #expect(timestamp?.text == text)
  }

  @Test(arguments: [
    "", "2026-01-31", "2026-01-31_12:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z",
    "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+25:00", "2026-01-31T12:00:00+0",
    "26-01-31T12:00:00Z", "+026-01-31T12:00:00Z", "2026-01-31T12:00:00 Z", "2026-04-31T00:00:00Z",
    "-1769860800", "1e9", "1769860800.", ".5", "123456789012345", "0x10", "inf",
    "2026-01-31T12:00:00.\(String(repeating: "0", count: 99))Z",
  ])
  func whatIsNoMomentIsRefused(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(arguments: [0, -1, 951_782_400, 1_709_164_799, 1_769_860_800, 4_102_444_799] as [Int64])
  func aMomentIsWrittenAsTheCalendarHasIt(_ seconds: Int64) {
    let timestamp = Timestamp(seconds: seconds, nanoseconds: 123_456_789)
    let day = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    #expect(timestamp.text == day.dropLast() + ".123456+00:00")
    #expect(Timestamp(timestamp.text) == timestamp)
  }

  @Test func aMomentIsWrittenInISOInItsOwnWordsWhereTheyAreThat() throws {
    let written = ["2026-01-31T12:00:00Z", "2026-01-31 12:00:00", "1769860800.5", "1769860800123"].map {
      Timestamp($0)?.iso.text
    }
    #expect(
      written == [
        "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000+00:00", "2026-01-31T12:00:00.500000+00:00",
        "2026-01-31T12:00:00.123000+00:00",
      ])
    #expect(Timestamp("2026-01-31T13:00:00.123456789+01:00")?.moment == "2026-01-31T12:00:00.123456789+00:00")
  }

  @Test func timeBetweenMomentsCountsTheFraction() throws {
    let early = try #require(Timestamp("2026-01-31T12:00:00.75Z"))
    let late = try #require(Timestamp("2026-01-31T12:00:02.25Z"))
    #expect(late.since(early) == .milliseconds(1500))
    #expect(early.since(late) == .milliseconds(-1500))
    #expect(early.adding(.milliseconds(1500)).since(late) == .zero)
  }
}
