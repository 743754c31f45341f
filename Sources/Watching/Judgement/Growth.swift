/// A quantity that was looked at again and again, and whether it grows without end. What is old is kept coarsely, so that a
/// watch of a month is as small as one of an hour.
///
/// Two rules, both against the ceiling, which is what there is of it at all:
///
/// 1. *The trend.* Over a span (16 looks, 24, 36 and so on, as far as it was looked at), the lowest value of each quarter
///    is above that of the quarter before, the last step is no smaller than the others, and half of what was free is used
///    up. Lowest values, since garbage collections and bursts come and go. The last step, since a warm-up levels off. Half, since
///    the rise of a day's load looks like any other growth but for where it leads. Where the quantity is known from before the
///    release, a quarter is enough once it is half as much again, and less than that is no growth at all.
/// 2. *The end is near.* Four values in a row rise evenly, half of what was free is used up, and at that pace the rest is in ten
///    looks.
package struct Growth: Sendable, Hashable, Codable {
  package struct Point: Sendable, Hashable, Codable {
    /// In seconds, by a clock that only runs forward.
    package var at: Int
    package var value: Double
    /// It stands for two to the power of that many looks, by the lowest of them.
    var level = 0
  }

  /// What a finding tells.
  package struct Verdict: Sendable, Hashable {
    package var grown: Double
    /// Over so many seconds.
    package var span: Int
    /// Seconds until the ceiling is reached at this pace.
    package var left: Int
  }

  /// Oldest first.
  package private(set) var points: [Point] = []

  /// So many points are kept of each level: what is twice as old is kept half as closely.
  private static let most = 12
  private static let shortest = 16
  private static let near = 10.0

  package init() {}

  package mutating func add(_ value: Double, at time: Int) {
    guard value.isFinite, value >= 0, time >= points.last?.at ?? .min else { return }
    points.append(Point(at: time, value: value))
    // The levels fall from the oldest to the newest.
    var (level, end) = (0, points.count)
    while true {
      var begin = end
      while begin > 0, points[begin - 1].level == level { begin -= 1 }
      guard end - begin > Self.most else { return }
      // The lower one: a growth shows in the least values.
      let next = points.remove(at: begin + 1)
      points[begin].value = min(points[begin].value, next.value)
      level += 1
      points[begin].level = level
      end = begin + 1
    }
  }

  /// - Parameters:
  ///   - ceiling: what there is of it at all.
  ///   - every: from look to look, in seconds.
  ///   - usual: how much it was before the release, after a long time; `nil`: not known.
  /// - Returns: `nil` where it does not grow without end, or not long enough to tell.
  package func endless(below ceiling: Double, every: Double, usual: Double? = nil) -> Verdict? {
    nearEnd(ceiling, every) ?? trend(ceiling, every, usual)
  }

  private func trend(_ ceiling: Double, _ every: Double, _ usual: Double?) -> Verdict? {
    guard let first = points.first, let last = points.last, let low = points.map(\.value).min(),
      let high = points.map(\.value).max(), high - low >= (ceiling - low) / 4
    else { return nil }
    let age = Double(last.at) - Double(first.at)
    var span = Double(Self.shortest) * every
    while span <= age + every {
      if let verdict = trend(over: span, until: last.at, ceiling, usual) { return verdict }
      span *= 1.5
    }
    return nil
  }

  private func trend(over span: Double, until end: Int, _ ceiling: Double, _ usual: Double?) -> Verdict? {
    let start = Double(end) - span
    var least: [Double?] = [nil, nil, nil, nil]
    var counts = [0, 0, 0, 0]
    for point in points.reversed() {
      guard Double(point.at) >= start else { break }
      let quarter = min(3, max(0, Int((Double(point.at) - start) / span * 4)))  // trap: within a span
      least[quarter] = min(least[quarter] ?? point.value, point.value)
      counts[quarter] += 1
    }
    let known = least.compactMap { $0 }
    guard known.count == 4, counts.allSatisfy({ $0 >= 2 }), let low = known.first, let high = known.last else {
      return nil
    }
    let steps = zip(known.dropFirst(), known).map { $0 - $1 }
    guard steps.allSatisfy({ $0 > 0 }), let step = steps.last else { return nil }
    let grown = high - low
    guard step >= grown / 3 * 0.8 else { return nil }
    var share = 0.5
    if let usual {
      guard high > usual * 1.5 else { return nil }
      share = 0.25
    }
    guard ceiling > low, grown >= (ceiling - low) * share else { return nil }
    let pace = step / (span / 4)
    return Verdict(grown: grown, span: Self.whole(span * 0.75), left: Self.whole((ceiling - high) / pace))
  }

  private func nearEnd(_ ceiling: Double, _ every: Double) -> Verdict? {
    let recent = Array(points.suffix(4))
    let steps = zip(recent.dropFirst(), recent).map { $0.value - $1.value }
    guard recent.count == 4, let first = recent.first, let last = recent.last, let low = points.map(\.value).min(),
      // A burst is one step and not three.
      let least = steps.min(), let most = steps.max(), least > 0, most <= least * 3,
      last.value - low >= (ceiling - low) / 2
    else { return nil }
    let span = max(1, Double(last.at - first.at))
    let pace = (last.value - first.value) / span
    let left = max(0, ceiling - last.value) / pace
    guard left <= Self.near * max(every, span / 3) else { return nil }
    let begun = points.first?.at ?? first.at
    return Verdict(grown: last.value - low, span: last.at - begun, left: Self.whole(left))
  }

  private static func whole(_ seconds: Double) -> Int {
    Int(exactly: min(max(0, seconds), 1e9).rounded()) ?? 0
  }
}
