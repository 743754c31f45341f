/// A manifest that was refused: everything that is wrong with it, in the order of the file.
public struct ManifestError: Error, Sendable, Hashable {
  /// One thing that is wrong and where.
  public struct Problem: Sendable, Hashable {
    /// From 1.
    public let line: Int
    /// From 1, counted in Unicode scalars.
    public let column: Int
    /// What is wrong, on which key, and what to write instead. Never shows a password of the manifest.
    public let message: String
  }

  /// The file's name as it was given.
  public let file: String
  /// Never empty; sorted by line and column.
  public let problems: [Problem]
}

extension ManifestError: CustomStringConvertible {
  /// A line `file:line:column: message` for each problem, and what to do next. A file with hundreds of problems is no
  /// manifest: of those the first fifty are shown and the others counted.
  public var description: String {
    let shown = 50
    var lines = problems.prefix(shown).map { "\(file):\($0.line):\($0.column): \($0.message)" }
    if problems.count > shown { lines.append("… and \(problems.count - shown) more") }
    let these = problems.count == 1 ? "this" : "these"
    lines.append("Correct \(these) in '\(file)' and run the command again; docs/manifest.md describes every key.")
    return lines.joined(separator: "\n")
  }
}
