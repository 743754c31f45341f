/// Durations as manifests, command lines and settings write them.
///
/// One grammar for all: a whole number in decimal digits without a leading zero, followed at once by one unit: `ms`, `s`,
/// `m` (minutes), `h` or `d`. `0s` is a duration; a sign, a fraction, a space or two units are not.
extension Duration {
  /// Reads `30s`, `500ms`, `2m`, `1h` or `7d`.
  ///
  /// - Parameter longest: The longest duration that is accepted.
  /// - Throws: `DurationError`, which says what to write instead.
  package init(text: String, atMost longest: Duration = .days(100_000)) throws(DurationError) {
    func refusal(_ reason: String) -> DurationError { DurationError(text: text, reason: reason) }
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let unit = text.utf8.dropFirst(digits.count)
    guard !digits.isEmpty else { throw refusal("write a whole number and a unit, such as 30s") }
    guard !unit.isEmpty else {
      throw refusal("it has no unit; write \(text.prefix(20))s for seconds")
    }
    guard
      let milliseconds = Self.units.first(where: { $0.name.utf8.elementsEqual(unit) })?.milliseconds
    else {
      throw refusal("write a whole number and one of ms, s, m, h, d, such as 30s")
    }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else {
      throw refusal("write it without a leading zero")
    }
    // Nine digits of days are far below the limits of Int64.
    guard digits.count <= 9, let count = Int64(String(Substring(digits))),
      .milliseconds(count * milliseconds) <= longest
    else { throw refusal("the longest allowed is \(longest.compactText)") }
    self = .milliseconds(count * milliseconds)
  }

  /// The duration in that grammar, in the largest unit up to hours that leaves no remainder: `30s`, `1500ms`, `2m`, `24h`.
  ///
  /// Whatever `init(text:atMost:)` reads is printed as text that it reads as the same duration. What is finer than a
  /// millisecond is cut off.
  package var compactText: String {
    let milliseconds = wholeMilliseconds
    guard milliseconds != 0 else { return "0s" }
    for unit in Self.units.dropLast().reversed() where milliseconds % unit.milliseconds == 0 {
      return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
    return "\(milliseconds)ms"
  }

  /// Whole milliseconds, rounded towards zero.
  package var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }

  /// In seconds, for programs.
  package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

  /// As a message says it: `15 s`, `2.5 s`, `40 ms`, `3 min`, `2 h`. What is finer is cut off.
  package var text: String {
    let milliseconds = wholeMilliseconds
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds < 120_000 {
      let tenths = milliseconds % 1000 / 100
      return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
    }
    return milliseconds < 7_200_000 ? "\(milliseconds / 60_000) min" : "\(milliseconds / 3_600_000) h"
  }

  package static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

  /// From the smallest to the largest.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
}

/// Why a text is not a duration.
package struct DurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text as it was given.
  package let text: String
  /// What is wrong with it and what to write instead.
  package let reason: String

  package var description: String { "'\(text.prefix(40))' is not a duration: \(reason)" }
}
