internal import Yams

/// A place in the manifest's text.
struct ManifestPosition: Hashable {
  static let begin = ManifestPosition(line: 1, column: 1)

  /// From 1.
  var line: Int
  /// From 1, counted in Unicode scalars.
  var column: Int

  mutating func advance(over scalar: Unicode.Scalar) {
    self = scalar == "\n" ? Self(line: line + 1, column: 1) : Self(line: line, column: column + 1)
  }
}

extension ManifestPosition {
  init(_ mark: Mark) {
    self.init(line: mark.line, column: mark.column)
  }
}
