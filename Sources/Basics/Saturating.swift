/// Sums and products of numbers from outside, which end at the largest number instead of ending the process.
extension Int {
  package func addingSaturated(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }

  package func subtractingSaturated(_ other: Int) -> Int {
    let (difference, overflows) = subtractingReportingOverflow(other)
    return overflows ? (other < 0 ? .max : .min) : difference
  }

  package func multipliedSaturated(by other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

extension Sequence<Int> {
  package var saturatedSum: Int { reduce(0) { $0.addingSaturated($1) } }
}

extension Duration {
  /// So many seconds, from zero to a year.
  package static func saturated(seconds: Double) -> Duration {
    seconds.isNaN ? .zero : .seconds(min(max(seconds, 0), 31_536_000))
  }
}
