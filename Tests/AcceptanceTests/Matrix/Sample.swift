import Glibc

/// Which points of a matrix are tried: all where `QTCTL_MATRIX` is `full` (`make matrix`), a part of them where it is one as
/// `2/4`, the second of four that are all together, so many as it names, else a few; always spread over all.
enum Sample {
  private static let setting = getenv("QTCTL_MATRIX").map { String(cString: $0) }

  /// Which part of how many, from 1; nil where a sample is asked for.
  private static let part: (number: Int, of: Int)? = {
    if setting == "full" { return (1, 1) }
    let numbers = setting?.split(separator: "/").compactMap { Int($0) } ?? []
    return numbers.count == 2 && 1 <= numbers[0] && numbers[0] <= numbers[1] ? (numbers[0], numbers[1]) : nil
  }()

  static func of<Element>(_ all: [Element], _ count: Int) -> [Element] {
    if let part { return all.indices.filter { $0 % part.of == part.number - 1 }.map { all[$0] } }
    let count = setting.flatMap { Int($0) } ?? count
    return all.count > count ? (0..<count).map { all[$0 * all.count / count] } : all
  }

  /// Of points without an order: `full` of them where all others are tried.
  static func count(_ count: Int, full: Int) -> Int { part.map { full / $0.of } ?? count }
}
