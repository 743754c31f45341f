import Glibc

/// Which points of a matrix are tried: all where `QTCTL_MATRIX=full` asks for it (`make matrix`), else a few, spread.
enum Sample {
  static var isFull: Bool { getenv("QTCTL_MATRIX").map { String(cString: $0) == "full" } ?? false }

  static func of<Element>(_ all: [Element], _ count: Int) -> [Element] {
    guard !isFull, all.count > count else { return all }
    return (0..<count).map { all[$0 * all.count / count] }
  }
}
