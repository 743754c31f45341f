internal import Glibc

/// A moment as ISO 8601 text, such as `2026-01-31T12:00:00.123456+00:00`, and the moment it names.
///
/// The text is kept as it came: the order key holds it in full. Without an offset it is UTC, which is how Python's
/// `datetime.utcnow().isoformat()` writes it.
public struct Timestamp: Sendable, Hashable, CustomStringConvertible {
  static let words = "an ISO 8601 date and time such as 2026-01-31T12:00:00.123456+00:00"

  public let text: String
  /// Seconds since 1970-01-01T00:00:00Z, rounded down.
  public let seconds: Int64
  /// What is behind the seconds, 0 to 999,999,999; further digits are cut off.
  public let nanoseconds: Int

  /// nil when the text is not a date with a time of day.
  public init?(_ text: String) {
    var reader = TimestampReader(text)
    guard let moment = reader.moment() else { return nil }
    self.text = text
    (seconds, nanoseconds) = moment
  }

  /// The moment, written in UTC with microseconds.
  public init(seconds: Int64, nanoseconds: Int) {
    let (day, second) = seconds.quotientAndRemainder(flooring: 86_400)
    let date = CivilDate(daysSinceEpoch: day)
    let time = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }.joined(separator: ":")
    let days = [Self.padded(date.year, 4), Self.padded(date.month, 2), Self.padded(date.day, 2)].joined(separator: "-")
    text = "\(days)T\(time).\(Self.padded(Int64(nanoseconds / 1000), 6))+00:00"
    self.seconds = seconds
    self.nanoseconds = nanoseconds / 1000 * 1000
  }

  /// The moment that the system's clock shows.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: time.tv_nsec)
  }

  /// How long after `other` this is; negative when before.
  public func since(_ other: Timestamp) -> Duration {
    .seconds(seconds - other.seconds) + .nanoseconds(Int64(nanoseconds - other.nanoseconds))
  }

  public var description: String { text }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int64 {
  fileprivate func quotientAndRemainder(flooring divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
