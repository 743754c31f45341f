/// Durations as the manifest and the command line write them.
///
/// One grammar for both: a whole number in decimal digits without leading zero, followed at once by one unit:
/// `ms`, `s`, `m` (minutes) or `h`. `0s` is a duration; a sign, a fraction, a space or two units are not. At most 24 h.
extension Duration {
  /// The longest duration that can be written. What waits longer than a day for a service waits for ever.
  public static let longestInManifest: Duration = .seconds(24 * 60 * 60)

  /// Reads `30s`, `500ms`, `2m` or `1h`.
  ///
  /// - Throws: `DurationError`, which says what to write instead.
  public init(manifest text: String) throws(DurationError) {
    func refusal(_ reason: String) -> DurationError { DurationError(text: text, reason: reason) }
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let unit = text.utf8.dropFirst(digits.count)
    guard !digits.isEmpty else { throw refusal("write a whole number and a unit, such as 30s") }
    guard !unit.isEmpty else { throw refusal("it has no unit; write \(text.prefix(20))s for seconds") }
    guard let milliseconds = Self.units.first(where: { $0.name.utf8.elementsEqual(unit) })?.milliseconds else {
      throw refusal("write a whole number and one of ms, s, m, h, such as 30s")
    }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else {
      throw refusal("write it without a leading zero")
    }
    // Nine digits of hours are far above the longest duration and far below the limits of Int64.
    guard digits.count <= 9, let count = Int64(String(Substring(digits))),
      .milliseconds(count * milliseconds) <= Self.longestInManifest
    else { throw refusal("the longest allowed is 24h") }
    self = .milliseconds(count * milliseconds)
  }

  /// The duration in the manifest's grammar, in the largest unit that leaves no remainder: `30s`, `1500ms`, `2m`.
  ///
  /// Whatever `init(manifest:)` reads is printed as text that it reads as the same duration. What is finer than a
  /// millisecond is cut off.
  public var manifestText: String {
    let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    guard milliseconds != 0 else { return "0s" }
    for unit in Self.units.reversed() where milliseconds % unit.milliseconds == 0 {
      return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
    return "\(milliseconds)ms"
  }

  /// From the smallest to the largest.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
  ]
}
