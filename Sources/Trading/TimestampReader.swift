/// Reads `YYYY-MM-DDThh:mm:ss`, a fraction if there is one, and `Z`, an offset or nothing.
struct TimestampReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  mutating func moment() -> (seconds: Int64, nanoseconds: Int)? {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T"),
      let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
      let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60,
      let nanoseconds = fraction(), let offset = offset(), position == bytes.count
    else { return nil }
    let time = hour * 3600 + minute * 60 + second
    return (date.daysSinceEpoch * 86_400 + time - offset, nanoseconds)
  }

  /// Exactly so many digits.
  private mutating func number(_ count: Int) -> Int64? {
    guard position + count <= bytes.count else { return nil }
    var number: Int64 = 0
    for byte in bytes[position..<position + count] {
      guard let digit = Self.digit(byte) else { return nil }
      number = number * 10 + digit
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
    while position < bytes.count, let digit = Self.digit(bytes[position]) {
      if count < 9 { nanoseconds = nanoseconds * 10 + Int(digit) }
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
    return sign * (hours * 3600 + minutes * 60)
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte ? Int64(byte - UInt8(ascii: "0")) : nil
  }
}
