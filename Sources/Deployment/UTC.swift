/// A moment as people read it.
public enum UTC {
  /// `2026-01-31 23:59:59Z` for whole seconds since 1970.
  public static func text(_ seconds: Int) -> String {
    let stamp = Array(Stamp(seconds: seconds).description)
    func part(_ range: Range<Int>) -> String { String(stamp[range]) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
  }

  /// How long ago, in the largest unit that fits, such as `3 h`.
  public static func age(of seconds: Int, at now: Int) -> String {
    let age = max(0, now - seconds)
    switch age {
    case ..<120: return "\(age) s"
    case ..<7200: return "\(age / 60) min"
    case ..<172_800: return "\(age / 3600) h"
    default: return "\(age / 86_400) days"
    }
  }
}
