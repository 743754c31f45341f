internal import Basics
internal import Glibc

/// The name of a backup: `YYYYMMDD_HHMMSS` in UTC, followed by `_2`, `_3` … when one second has several.
///
/// Stamps order by time. Only text of exactly this form is a stamp, so that a stamp can never be a path.
package struct Stamp: Sendable, Hashable {
  /// Whole seconds since 1970-01-01 00:00:00 UTC.
  package let seconds: Int
  /// 1 for the first of its second.
  package let ordinal: Int

  package init(seconds: Int, ordinal: Int = 1) {
    self.seconds = seconds
    self.ordinal = ordinal
  }

  /// Reads a stamp; `nil` for anything else, a date that does not exist included.
  package init?(_ text: String) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    // trap: counted
    guard (2...3).contains(parts.count), parts[0].utf8.count == 8, parts[1].utf8.count == 6 else { return nil }
    // trap: counted
    guard let date = Self.digits(parts[0]), let time = Self.digits(parts[1]) else { return nil }
    let ordinal = parts.count == 3 ? Self.digits(parts[2]) : 1
    guard let ordinal, ordinal <= Self.mostOfASecond else { return nil }
    var fields = tm()
    fields.tm_year = Int32(date / 10_000 - 1900)
    fields.tm_mon = Int32(date / 100 % 100 - 1)
    fields.tm_mday = Int32(date % 100)
    fields.tm_hour = Int32(time / 10_000)
    fields.tm_min = Int32(time / 100 % 100)
    fields.tm_sec = Int32(time % 100)
    self.init(seconds: timegm(&fields), ordinal: ordinal)
    // timegm accepts dates that do not exist (30 February) and normalises them; printing it again shows that.
    guard description == text else { return nil }
  }

  /// The first stamp that comes after all of `taken`, of that second if it can be: stamps only grow, also when the clock was
  /// set back.
  package static func next(seconds: Int, taken: some Collection<Stamp>) -> Stamp {
    guard let last = taken.max(), last.seconds >= seconds else { return Stamp(seconds: seconds) }
    guard last.ordinal < mostOfASecond else { return Stamp(seconds: last.seconds + 1) }
    return Stamp(seconds: last.seconds, ordinal: last.ordinal + 1)
  }

  private static let mostOfASecond = 99_999

  private static func digits(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}

extension Stamp: CustomStringConvertible {
  package var description: String {
    var moment = time_t(Self.shown(seconds))
    var fields = tm()
    gmtime_r(&moment, &fields)
    // Thousands are made for a list: one text each, no pieces.
    let text = String(unsafeUninitializedCapacity: 15) { bytes in
      let (year, month) = (fields.tm_year + 1900, fields.tm_mon + 1)
      let pairs = [year / 100, year % 100, month, fields.tm_mday, fields.tm_hour, fields.tm_min, fields.tm_sec]
      bytes[8] = UInt8(ascii: "_")
      for (pair, place) in zip(pairs, [0, 2, 4, 6, 9, 11, 13]) {
        bytes[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair / 10)
        bytes[place + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair % 10)  // trap: within 15
      }
      return 15
    }
    return ordinal > 1 ? "\(text)_\(ordinal)" : text
  }
}

extension Stamp {
  /// A moment within the years 0 to 9999, which are written with four digits.
  static func shown(_ seconds: Int) -> Int { min(max(seconds, -62_167_219_200), 253_402_300_799) }
}

extension Stamp: Comparable {
  package static func < (left: Stamp, right: Stamp) -> Bool {
    (left.seconds, left.ordinal) < (right.seconds, right.ordinal)
  }
}

extension Stamp: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let stamp = Stamp(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a stamp")
    }
    self = stamp
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Moments and ages as people read them.
package enum UTC {
  /// `2026-01-31 23:59:59Z` for whole seconds since 1970.
  package static func text(_ seconds: Int) -> String {
    let stamp = Array(Stamp(seconds: seconds).description.utf8)
    func part(_ range: Range<Int>) -> String { String(decoding: stamp[range], as: UTF8.self) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
  }

  /// The same in ISO 8601: `2026-01-31T23:59:59Z`.
  package static func iso(_ seconds: Int) -> String { text(seconds).replacing(" ", with: "T") }

  /// How long ago, in the largest unit that fits, such as `3 h`.
  package static func age(of seconds: Int, at now: Int) -> String {
    let age = max(0, Stamp.shown(now) - Stamp.shown(seconds))
    switch age {
    case ..<120: return "\(age) s"
    case ..<7200: return "\(age / 60) min"
    case ..<172_800: return "\(age / 3600) h"
    default: return "\(age / 86_400) days"
    }
  }
}
