internal import Basics

/// How long something takes each time, and whether it is slow.
///
/// The measure is the middle one of the first five times after the deploy, and that of the release before. Slow is four times
/// that and half a second more: a loaded host makes a millisecond into ten, and nobody is to be woken for it. Beyond a limit
/// that the manifest names, it is slow whatever it was before.
package struct Pace: Sendable, Hashable, Codable {
  /// In seconds.
  package private(set) var first: [Double] = []
  package private(set) var last: Double?
  /// What was usual under the release before, in seconds; `nil`: not known.
  package private(set) var before: Double?

  private static let measured = 5
  /// With fewer, nothing is called slow.
  private static let fewest = 3

  package init() {}

  /// Of the release after that of `earlier`.
  package init(after earlier: Pace) { before = earlier.usual ?? earlier.before }

  /// The middle one of the first times; `nil` where there are too few.
  package var usual: Double? {
    guard first.count >= Self.fewest else { return nil }
    return first.sorted().dropFirst(first.count / 2).first
  }

  /// Why the last time was slow, as the end of a sentence; `nil`: it was not.
  ///
  /// - Parameter limit: in seconds; `nil`: none.
  package func fault(limit: Double?) -> (why: String, usual: Double)? {
    guard let last else { return nil }
    func text(_ seconds: Double) -> String { Duration.saturated(seconds: seconds).text }
    if let limit, last > limit { return ("more than the \(text(limit)) of 'watch.slow'", limit) }
    if let usual, last > Self.bound(usual) {
      return ("after the deploy it took \(text(usual)): it has become slow", usual)
    }
    if let before, last > Self.bound(before) {
      return ("under the release before it took \(text(before)): this release is slow", before)
    }
    return nil
  }

  package mutating func add(_ seconds: Double) {
    guard seconds.isFinite, seconds >= 0 else { return }
    last = seconds
    if first.count < Self.measured { first.append(seconds) }
  }

  private static func bound(_ usual: Double) -> Double { usual * 4 + 0.5 }
}
