/// A file's time of change: seconds since 1970, which a file system may keep far beyond what nanoseconds in 64 bits
/// can count, and nanoseconds from 0 to 999,999,999.
package struct FileTime: Sendable, Hashable {
  package var seconds: Int
  package var nanoseconds: Int

  package init(seconds: Int, nanoseconds: Int) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}

/// On disk it is a number, nanoseconds since 1970, as earlier versions wrote it; where 64 bits do not hold that, the two
/// parts.
extension FileTime: Codable {
  private enum Key: String, CodingKey { case seconds, nanoseconds }

  private static let second = 1_000_000_000

  package init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Int.self) {
      let (quotient, rest) = number.quotientAndRemainder(dividingBy: Self.second)
      self.init(
        seconds: rest < 0 ? quotient - 1 : quotient, nanoseconds: rest < 0 ? rest + Self.second : rest)
      return
    }
    let parts = try decoder.container(keyedBy: Key.self)
    let seconds = try parts.decode(Int.self, forKey: .seconds)
    let nanoseconds = try parts.decode(Int.self, forKey: .nanoseconds)
    guard 0..<Self.second ~= nanoseconds else {
      throw DecodingError.dataCorruptedError(
        forKey: .nanoseconds, in: parts, debugDescription: "\(nanoseconds) is not from 0 to 999999999")
    }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }

  package func encode(to encoder: any Encoder) throws {
    let (product, isTooLarge) = seconds.multipliedReportingOverflow(by: Self.second)
    let (sum, isLarger) = product.addingReportingOverflow(nanoseconds)
    if !isTooLarge && !isLarger {
      var container = encoder.singleValueContainer()
      try container.encode(sum)
      return
    }
    var parts = encoder.container(keyedBy: Key.self)
    try parts.encode(seconds, forKey: .seconds)
    try parts.encode(nanoseconds, forKey: .nanoseconds)
  }
}
