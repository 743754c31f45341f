internal import Glibc

/// What is said of repeated measurements. Nothing here traps, whatever it is given: without data the answer is nil.
package enum Statistics {
  /// The middle one; of an even count the mean of the two in the middle.
  package static func median(_ samples: [Double]) -> Double? {
    let sorted = samples.sorted()
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The least sample that so great a share of them do not exceed, as 0.99 for p99.
  package static func quantile(_ share: Double, of samples: [Double]) -> Double? {
    guard !samples.isEmpty, share >= 0, share <= 1 else { return nil }
    let sorted = samples.sorted()
    return sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
  }

  /// The least and the greatest.
  package static func spread(_ samples: [Double]) -> (least: Double, greatest: Double)? {
    guard let least = samples.min(), let greatest = samples.max() else { return nil }
    return (least, greatest)
  }

  /// How the values grow with the sizes: `k` of the line through the logarithms, as in value = c × size^k, by least
  /// squares. 1 is proportional, 2 is quadratic. Nil where two different positive sizes with positive values are not given.
  package static func exponent(sizes: [Double], values: [Double]) -> Double? {
    let points = zip(sizes, values).filter { $0 > 0 && $1 > 0 }.map { (log($0), log($1)) }
    guard points.count > 1 else { return nil }
    let count = Double(points.count)
    let (meanX, meanY) = (points.reduce(0) { $0 + $1.0 } / count, points.reduce(0) { $0 + $1.1 } / count)
    let along = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
    guard along > 0 else { return nil }
    return points.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / along
  }
}
