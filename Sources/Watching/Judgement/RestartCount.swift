internal import Basics

/// How often systemd restarted a unit by itself.
package struct RestartCount: Sendable, Hashable, Codable {
  /// By systemd's count; it begins anew when somebody starts the unit, and at a boot.
  private var count: Int?
  /// When restarts were seen, one entry each; in seconds by a clock that only runs forward.
  private var seen: [Int] = []

  /// Restarts within so many looks are counted together.
  static let looks = 20.0
  private static let most = 100

  package init() {}

  /// - Returns: how many there were since the last look, and within the last twenty looks.
  package mutating func add(_ restarts: Int, at time: Int, every: Double) -> (new: Int, lately: Int) {
    let new = max(0, restarts.subtractingSaturated(count.map { $0 <= restarts ? $0 : 0 } ?? restarts))
    count = restarts
    seen.append(contentsOf: repeatElement(time, count: min(new, Self.most)))
    let span = Int(exactly: min(every * Self.looks, 1e9).rounded()) ?? 0
    seen.removeAll { $0 < time.subtractingSaturated(span) || $0 > time }
    seen = Array(seen.suffix(Self.most))
    return (new, seen.count)
  }
}
