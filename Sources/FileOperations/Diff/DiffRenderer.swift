internal import Deployment

/// Shows how files differ: diff(1) for text, words for all else. What it shows and how long it takes is bounded;
/// what does not fit is said in words and counted.
package struct DiffRenderer {
  /// What the two sides are, for the head of a diff.
  package var old: String
  package var new: String
  /// Lines shown of one file.
  package var linesEach = 100
  /// Lines shown in all.
  package var lines = 500
  /// When there is no more time to run diff(1).
  package var deadline = ContinuousClock.now + .seconds(3)

  package init(
    old: String, new: String, linesEach: Int = 100, lines: Int = 500,
    deadline: ContinuousClock.Instant = .now + .seconds(3)
  ) {
    self.old = old
    self.new = new
    self.linesEach = linesEach
    self.lines = lines
    self.deadline = deadline
  }

  /// Those that differ, in the order given.
  package func differences(_ comparisons: [FileComparison]) async -> [FileDifference] {
    var left = lines
    var found: [FileDifference] = []
    for comparison in comparisons where !comparison.words.isEmpty {
      var difference = FileDifference(
        path: comparison.path, secret: comparison.secret, differences: comparison.words, diff: [], more: 0)
      let all = await unified(comparison)
      difference.diff = Array(all.prefix(min(linesEach, left)))
      difference.more = all.count - difference.diff.count
      left -= difference.diff.count
      found.append(difference)
    }
    return found
  }

  /// The lines of a unified diff; none where there is no text on both sides or nothing that may be shown.
  private func unified(_ comparison: FileComparison) async -> [String] {
    let sides = [comparison.old, comparison.new]
    guard !comparison.secret, comparison.old.state.sha256 != comparison.new.state.sha256,
      ContinuousClock.now < deadline,
      sides.allSatisfy({ $0.state.type == .file || $0.state.type == .absent })
    else { return [] }
    guard let before = Self.content(comparison.old), let after = Self.content(comparison.new) else { return [] }
    let command = [
      "/usr/bin/diff", "--unified", "--label", "\(comparison.path) \(old)", "--label", "\(comparison.path) \(new)",
      "--",
      before.path, "-",
    ]
    let result = await HelperProgram.run(command, input: after.bytes, within: min(.seconds(2), deadline - .now))
    // 1 says that they differ; anything else that there is no diff.
    guard let result, result.status == 1 else { return [] }
    // By scalars: as characters, CR and LF are one.
    let text = String(decoding: result.output, as: UTF8.self).unicodeScalars
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(Self.shown)
  }

  /// An absent file is an empty one.
  private static func content(_ side: FileComparison.Side) -> (path: String, bytes: [UInt8])? {
    guard side.state.exists else { return ("/dev/null", []) }
    return side.content.flatMap { path in SmallText.read(path, as: side.state).map { (path, $0) } }
  }

  /// A line as a terminal may be given it, of bounded length.
  private static func shown(_ line: Substring.UnicodeScalarView) -> String {
    let longest = 400
    var text = ""
    for scalar in line.prefix(longest) {
      let isControl = (scalar.value < 0x20 && scalar != "\t") || (0x7F..<0xA0).contains(scalar.value)
      text.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return line.count > longest ? text + "…" : text
  }
}
