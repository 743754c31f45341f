/// The patterns of an `exclude:`, by the rules of a `.gitignore`: the last one that matches decides, `!` takes a path in
/// again, and nothing in a hidden folder can be taken in again.
package struct Exclusion: Sendable, Hashable {
  private struct Rule: Sendable, Hashable {
    var pattern: PathPattern
    var hides: Bool
  }

  private let rules: [Rule]

  package init(_ patterns: [String]) {
    rules = patterns.map {
      $0.hasPrefix("!")
        ? Rule(pattern: PathPattern(String($0.dropFirst())), hides: false)
        : Rule(pattern: PathPattern($0), hides: true)
    }
  }

  /// Whether it or a folder above it is hidden.
  ///
  /// - Parameter path: Relative to the tree.
  package func hides(_ path: String, isFolder: Bool = false) -> Bool {
    guard !rules.isEmpty else { return false }
    var end = path.utf8.startIndex
    while let slash = path.utf8[end...].firstIndex(of: UInt8(ascii: "/")) {
      if hidesItself(String(path[..<slash]), isFolder: true) { return true }
      end = path.utf8.index(after: slash)
    }
    return hidesItself(path, isFolder: isFolder)
  }

  /// As `hides`, where no folder above it is hidden.
  package func hidesItself(_ path: String, isFolder: Bool) -> Bool {
    rules.last { $0.pattern.matchesItself(path, isFolder: isFolder) }?.hides ?? false
  }
}
