import Glibc

/// Which points of a matrix are tried: all where `QTCTL_MATRIX=full` asks for it, so many as it names (`make matrix`), else a
/// few; always spread over all.
enum Sample {
  private static let setting = getenv("QTCTL_MATRIX").map { String(cString: $0) }

  static var isFull: Bool { setting == "full" }

  static func of<Element>(_ all: [Element], _ count: Int) -> [Element] {
    let count = setting.flatMap { Int($0) } ?? count
    guard !isFull, all.count > count else { return all }
    return (0..<count).map { all[$0 * all.count / count] }
  }
}
