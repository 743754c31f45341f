internal import Glibc

/// The name of a backup: `YYYYMMDD_HHMMSS` in UTC, with `_2`, `_3` … behind it when one second holds several.
///
/// Stamps order by time. Only text of exactly this form is a stamp, so that no stamp can name a path.
public struct Stamp: Sendable, Hashable {
  /// Whole seconds since 1970-01-01 00:00:00 UTC.
  public let seconds: Int
  /// 1 for the first of its second.
  public let ordinal: Int

  public init(seconds: Int, ordinal: Int = 1) {
    self.seconds = seconds
    self.ordinal = ordinal
  }

  /// Reads a stamp; `nil` for anything else, a date that does not exist included.
  public init?(_ text: String) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts[0].utf8.count == 8, parts[1].utf8.count == 6 else { return nil }
    guard let date = Self.digits(parts[0]), let time = Self.digits(parts[1]) else { return nil }
    let ordinal = parts.count == 3 ? Self.digits(parts[2]) : 1
    guard let ordinal, ordinal < 100_000 else { return nil }
    var fields = tm()
    fields.tm_year = Int32(date / 10_000 - 1900)
    fields.tm_mon = Int32(date / 100 % 100 - 1)
    fields.tm_mday = Int32(date % 100)
    fields.tm_hour = Int32(time / 10_000)
    fields.tm_min = Int32(time / 100 % 100)
    fields.tm_sec = Int32(time % 100)
    self.init(seconds: timegm(&fields), ordinal: ordinal)
    // timegm normalises what does not exist (30 February); the way back tells.
    guard description == text else { return nil }
  }

  /// The first stamp of that second, or a later one, that `taken` does not hold.
  public static func next(seconds: Int, taken: some Collection<Stamp>) -> Stamp {
    let last = taken.filter { $0.seconds == seconds }.map(\.ordinal).max() ?? 0
    return Stamp(seconds: seconds, ordinal: last + 1)
  }

  private static func digits(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}

extension Stamp: CustomStringConvertible {
  public var description: String {
    var time = time_t(seconds)
    var fields = tm()
    gmtime_r(&time, &fields)
    func padded(_ value: Int32, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
    let date = padded(fields.tm_year + 1900, 4) + padded(fields.tm_mon + 1, 2) + padded(fields.tm_mday, 2)
    let clock = padded(fields.tm_hour, 2) + padded(fields.tm_min, 2) + padded(fields.tm_sec, 2)
    return date + "_" + clock + (ordinal > 1 ? "_\(ordinal)" : "")
  }
}

extension Stamp: Comparable {
  public static func < (left: Stamp, right: Stamp) -> Bool {
    (left.seconds, left.ordinal) < (right.seconds, right.ordinal)
  }
}

extension Stamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let stamp = Stamp(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a stamp")
    }
    self = stamp
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
