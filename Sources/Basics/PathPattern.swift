/// A pattern for paths below a folder, as in a `.gitignore`: `*`, `?` and `[…]` within a name, `**` across folders. A
/// pattern with a slash before its end starts at the folder; one without matches a name at any depth. A pattern that
/// matches a folder matches everything in it, and one that ends in a slash matches folders only.
///
/// Matching takes time proportional to the product of the lengths, whatever the pattern.
package struct PathPattern: Sendable, Hashable {
  package let text: String
  private let names: [[UInt8]]
  private let foldersOnly: Bool

  package init(_ text: String) {
    self.text = text
    var names = text.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    foldersOnly = text.hasSuffix("/")
    let isAnchored = text.utf8.dropLast().contains(UInt8(ascii: "/"))
    if !isAnchored, !names.isEmpty, names != [Self.anyFolders] { names.insert(Self.anyFolders, at: 0) }
    self.names = names
  }

  /// - Parameter path: Relative to the folder, without `.` and `..`.
  package func matches(_ path: String, isFolder: Bool = false) -> Bool {
    let components = FileName.bytes(path).split(separator: UInt8(ascii: "/")).map { Array($0) }
    guard !components.isEmpty, !names.isEmpty else { return false }
    let matched = prefixes(of: components)
    // Every folder above the last component is one.
    return (1...components.count).contains { count in
      matched[count] && (count < components.count || isFolder || !foldersOnly)
    }
  }

  /// As `matches`, without regard to the folders above it.
  package func matchesItself(_ path: String, isFolder: Bool) -> Bool {
    let components = FileName.bytes(path).split(separator: UInt8(ascii: "/")).map { Array($0) }
    guard !components.isEmpty, !names.isEmpty, isFolder || !foldersOnly else { return false }
    return prefixes(of: components).last ?? false
  }

  private static let anyFolders = Array("**".utf8)

  /// Whether the whole pattern matches the first component, the first two, and so on; at 0, none. One row for each name of
  /// the pattern.
  private func prefixes(of components: [[UInt8]]) -> [Bool] {
    var reachable = [true] + Array(repeating: false, count: components.count)
    for (place, name) in names.enumerated() {
      var next = Array(repeating: false, count: reachable.count)
      if name == Self.anyFolders {
        // At the end it needs something to match: `a/**` is what is in `a`, not `a`.
        let isLast = place == names.count - 1
        var isOpen = false
        for column in reachable.indices {
          next[column] = isOpen || (!isLast && reachable[column])
          isOpen = isOpen || reachable[column]
        }
      } else {
        for (column, component) in components.enumerated() where reachable[column] {
          // trap: one longer than the components
          next[column + 1] = Self.matches(name[...], component[...])
        }
      }
      reachable = next
    }
    return reachable
  }

  /// One name: the last `*` takes as little as is needed, and more when the rest does not match.
  private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    var (pattern, name) = (pattern, name)
    var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
    while let byte = name.first {
      if pattern.first == UInt8(ascii: "*") {
        pattern.removeFirst()
        retry = (pattern, name)
      } else if let rest = matchingFirst(of: pattern, byte) {
        pattern = rest
        name.removeFirst()
      } else if let last = retry {
        retry = (last.pattern, last.name.dropFirst())
        (pattern, name) = (last.pattern, last.name.dropFirst())
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// The pattern behind the part that matches one byte; `nil` where it does not match.
  private static func matchingFirst(of pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
    switch pattern.first {
    case UInt8(ascii: "?"): return pattern.dropFirst()
    case UInt8(ascii: "\\") where pattern.count > 1:
      return pattern.dropFirst().first == byte ? pattern.dropFirst(2) : nil
    case UInt8(ascii: "["):
      guard let end = pattern.dropFirst(2).firstIndex(of: UInt8(ascii: "]")) else { return nil }
      var set = pattern[(pattern.startIndex + 1)..<end]
      let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
      if isNegated { set.removeFirst() }
      return contains(set, byte) != isNegated ? pattern[(end + 1)...] : nil
    case byte?: return pattern.dropFirst()
    default: return nil
    }
  }

  private static func contains(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
    var set = set
    while let low = set.popFirst() {
      if set.count >= 2, set.first == UInt8(ascii: "-") {
        set.removeFirst()
        if let high = set.popFirst(), low <= byte, byte <= high { return true }
      } else if low == byte {
        return true
      }
    }
    return false
  }
}
