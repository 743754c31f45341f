internal import Glibc

/// A moment, and the text that it was written as.
///
/// The text is kept as it came, since keys of the bus contain it in full. Without an offset it is UTC, which is how
/// Python's `datetime.utcnow().isoformat()` writes it.
package struct Timestamp: Sendable, Hashable, CustomStringConvertible {
  static let words =
    "a date and time (ISO 8601, such as 2026-01-31T12:00:00.123456+00:00, or seconds or milliseconds since 1970)"
  /// In bytes. A longer text is no timestamp: it would make a key as long.
  private static let longest = 64

  package let text: String
  /// Seconds since 1970-01-01T00:00:00Z, rounded down.
  package let seconds: Int64
  /// What is behind the seconds, 0 to 999,999,999; further digits are cut off.
  package let nanoseconds: Int
  private let form: Form

  private enum Form {
    /// ISO 8601 with a `T`, as our own services write it.
    case iso
    case spaced
    case epoch
  }

  /// Reads ISO 8601 with `T` or a space, with or without an offset, or seconds or milliseconds since 1970. nil when the
  /// text is neither.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.longest else { return nil }
    var reader = TimestampReader(text)
    if let moment = reader.isoMoment() {
      (seconds, nanoseconds, form) = (moment.seconds, moment.nanoseconds, reader.hasT ? .iso : .spaced)
    } else if let moment = TimestampReader.epochMoment(text) {
      (seconds, nanoseconds, form) = (moment.seconds, moment.nanoseconds, .epoch)
    } else {
      return nil
    }
    self.text = text
  }

  /// The moment, written in UTC with microseconds.
  package init(seconds: Int64, nanoseconds: Int) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds / 1000 * 1000
    text = Self.utc(seconds, nanoseconds / 1000 * 1000)
    form = .iso
  }

  /// The moment that the system's clock shows.
  package static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: time.tv_nsec)
  }

  /// As our services write it: ISO 8601, in the words in which it came where they are that.
  package var iso: Timestamp {
    form == .iso ? self : Timestamp(Self.utc(seconds, nanoseconds)) ?? self
  }

  /// The same text for the same moment, however it came: UTC with microseconds, or with nanoseconds where it has them.
  package var moment: String {
    Self.utc(seconds, nanoseconds)
  }

  /// The same text for the same moment, however it came: seconds since 1970.
  package var number: String {
    var text = String(seconds)
    guard nanoseconds > 0 else { return text }
    var (fraction, width) = (nanoseconds, 9)
    while fraction % 10 == 0 { (fraction, width) = (fraction / 10, width - 1) }
    let digits = String(fraction)
    text += "."
    for _ in digits.utf8.count..<width { text += "0" }
    text += digits
    return text
  }

  /// The text that all timestamps of this moment and form share, be it a date or a number; and that of the other form.
  package var names: (own: String, other: String) {
    form == .epoch ? (number, moment) : (moment, number)
  }

  /// How long after `other` this is; negative when before.
  package func since(_ other: Timestamp) -> Duration {
    .seconds(seconds - other.seconds) + .nanoseconds(Int64(nanoseconds - other.nanoseconds))
  }

  /// The moment that is `duration` later, to the microsecond.
  package func adding(_ duration: Duration) -> Timestamp {
    let (whole, attoseconds) = duration.components
    let sum = nanoseconds + Int(attoseconds / 1_000_000_000)
    let carry = sum < 0 ? -1 : sum / 1_000_000_000
    return Timestamp(seconds: seconds + whole + Int64(carry), nanoseconds: sum - carry * 1_000_000_000)
  }

  package var description: String { text }

  private static func utc(_ seconds: Int64, _ nanoseconds: Int) -> String {
    var time = time_t(seconds)
    var calendar = tm()
    gmtime_r(&time, &calendar)
    var text = ""
    text.reserveCapacity(40)
    func add(_ number: Int, _ width: Int, _ mark: String) {
      let digits = String(number)
      for _ in digits.utf8.count..<max(width, digits.utf8.count) { text += "0" }
      text += digits
      text += mark
    }
    add(Int(calendar.tm_year) + 1900, 4, "-")
    add(Int(calendar.tm_mon) + 1, 2, "-")
    add(Int(calendar.tm_mday), 2, "T")
    add(Int(calendar.tm_hour), 2, ":")
    add(Int(calendar.tm_min), 2, ":")
    add(Int(calendar.tm_sec), 2, ".")
    if nanoseconds % 1000 == 0 {
      add(nanoseconds / 1000, 6, "+00:00")
    } else {
      add(nanoseconds, 9, "+00:00")
    }
    return text
  }
}

/// Reads `YYYY-MM-DDThh:mm:ss`, a fraction if there is one, and `Z`, an offset or nothing; or a number since 1970.
private struct TimestampReader {
  private let bytes: [UInt8]
  private var position = 0
  /// Whether `T` stands between date and time.
  private(set) var hasT = false

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  mutating func isoMoment() -> (seconds: Int64, nanoseconds: Int)? {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else { return nil }
    hasT = take("T")
    guard hasT || take(" "), let hour = number(2), take(":"), let minute = number(2), take(":"),
      let second = number(2), hour < 24, minute < 60, second < 60, let nanoseconds = fraction(),
      let offset = offset(), position == bytes.count
    else { return nil }
    var calendar = tm()
    (calendar.tm_year, calendar.tm_mon, calendar.tm_mday) = (year - 1900, month - 1, day)
    (calendar.tm_hour, calendar.tm_min, calendar.tm_sec) = (hour, minute, second)
    let seconds = Int64(timegm(&calendar))
    // A day that the month does not have comes back as one of the next month.
    guard calendar.tm_mon == month - 1, calendar.tm_mday == day else { return nil }
    return (seconds - offset, nanoseconds)
  }

  /// Digits with a fraction if there is one: milliseconds from 1e11 on, which as seconds would be in the year 5138.
  static func epochMoment(_ text: String) -> (seconds: Int64, nanoseconds: Int)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
      parts[0].utf8.count <= 14, let whole = Int64(parts[0]), whole < 100_000_000_000_000
    else { return nil }
    var fraction = 0
    if parts.count == 2 {
      let digits = parts[1].utf8.prefix(9)
      for digit in digits { fraction = fraction * 10 + Int(digit - UInt8(ascii: "0")) }
      for _ in digits.count..<9 { fraction *= 10 }
    }
    guard whole >= 100_000_000_000 else { return (whole, fraction) }
    return (whole / 1000, Int(whole % 1000) * 1_000_000 + fraction / 1000)
  }

  /// Exactly so many digits.
  private mutating func number(_ count: Int) -> Int32? {
    guard position + count <= bytes.count else { return nil }
    var number: Int32 = 0
    for byte in bytes[position..<position + count] {
      guard Self.isDigit(byte) else { return nil }
      number = number * 10 + Int32(byte - UInt8(ascii: "0"))
    }
    position += count
    return number
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  /// Nanoseconds: 0 without a fraction, nil for a point without digits.
  private mutating func fraction() -> Int? {
    guard take(".") else { return 0 }
    var nanoseconds = 0
    var count = 0
    while position < bytes.count, Self.isDigit(bytes[position]) {
      if count < 9 { nanoseconds = nanoseconds * 10 + Int(bytes[position] - UInt8(ascii: "0")) }
      count += 1
      position += 1
    }
    guard count > 0 else { return nil }
    for _ in count..<max(count, 9) { nanoseconds *= 10 }
    return nanoseconds
  }

  /// Seconds east of UTC.
  private mutating func offset() -> Int64? {
    if position == bytes.count || take("Z") { return 0 }
    let sign: Int64 = take("+") ? 1 : -1
    guard sign == 1 || take("-"), let hours = number(2), hours < 24 else { return nil }
    _ = take(":")
    guard let minutes = position == bytes.count ? 0 : number(2), minutes < 60 else { return nil }
    return sign * Int64(hours * 3600 + minutes * 60)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }
}
