import Basics
import Testing

@Suite("A duration as text") struct DurationTextTests {
  @Test(arguments: [
    ("0s", Duration.zero, "0s"), ("0ms", .zero, "0s"), ("1ms", .milliseconds(1), "1ms"),
    ("500ms", .milliseconds(500), "500ms"), ("1500ms", .milliseconds(1500), "1500ms"),
    ("2000ms", .seconds(2), "2s"),
    ("30s", .seconds(30), "30s"), ("90s", .seconds(90), "90s"), ("120s", .seconds(120), "2m"),
    ("2m", .seconds(120), "2m"), ("60m", .seconds(3600), "1h"), ("24h", .seconds(86400), "24h"),
    ("1d", .seconds(86400), "24h"),
    ("86400000ms", .seconds(86400), "24h"),
  ])
  func whatIsWrittenIsReadAndPrintedInTheLargestUnit(
    text: String, duration: Duration, printed: String
  ) throws {
    #expect(try Duration(text: text, atMost: .seconds(86_400)) == duration)
    #expect(duration.compactText == printed)
    #expect(try Duration(text: printed) == duration)
  }

  @Test(arguments: [
    ("", "such as 30s"), ("s", "such as 30s"), ("-5s", "such as 30s"), ("+5s", "such as 30s"),
    (" 5s", "such as 30s"),
    ("30", "write 30s"), ("1.5s", "one of ms"), ("30 s", "one of ms"), ("30sec", "one of ms"),
    ("30S", "one of ms"), ("1m30s", "one of ms"), ("5d", "the longest allowed is 24h"),
    ("5s\n", "one of ms"),
    ("5s\u{301}", "one of ms"), ("٣s", "such as 30s"), ("030s", "leading zero"),
    ("00s", "leading zero"),
    ("25h", "the longest allowed is 24h"), ("86401s", "the longest allowed is 24h"),
    ("999999999h", "the longest allowed is 24h"),
    ("99999999999999999999999s", "the longest allowed is 24h"),
  ])
  func whatIsNoDurationIsRefusedWithWhatToWrite(text: String, hint: String) {
    let error = #expect(throws: DurationError.self) { try Duration(text: text, atMost: .seconds(86_400)) }
    #expect(error?.description.contains(hint) == true, "\(String(describing: error))")
    #expect(error?.text == text)
  }

  @Test func withoutALimitItMayBeYears() throws {
    #expect(try Duration(text: "3650d") == .seconds(3650 * 86_400))
    #expect(throws: DurationError.self) { try Duration(text: "999999999d") }
  }

  @Test func whatIsFinerThanAMillisecondIsCutOff() {
    #expect(Duration.microseconds(2900).compactText == "2ms")
    #expect(Duration.microseconds(900).compactText == "0s")
  }
}
