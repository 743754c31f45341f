/// How long something takes each time, and whether it has become slow.
///
/// The measure is the middle one of the first five times after the deploy. Slow is four times that and half a second more: a
/// loaded host makes a millisecond into ten, and nobody is to be woken for it.
package struct Pace: Sendable, Hashable, Codable {
  /// In seconds.
  package private(set) var first: [Double] = []
  package private(set) var last: Double?

  private static let measured = 5
  /// With fewer, nothing is called slow.
  private static let fewest = 3

  package init() {}

  /// The middle one of the first times; `nil` where there are too few.
  package var usual: Double? {
    guard first.count >= Self.fewest else { return nil }
    return first.sorted().dropFirst(first.count / 2).first
  }

  /// Beyond it, it is slow; `nil`: not known yet.
  package var limit: Double? { usual.map { $0 * 4 + 0.5 } }

  package var isSlow: Bool {
    guard let limit, let last else { return false }
    return last > limit
  }

  package mutating func add(_ seconds: Double) {
    guard seconds.isFinite, seconds >= 0 else { return }
    last = seconds
    if first.count < Self.measured { first.append(seconds) }
  }
}
