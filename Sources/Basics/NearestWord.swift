/// Finds the word that a misspelt one was meant to be.
package enum NearestWord {
  /// The candidate with the fewest edits from `word`, or `nil` where none is near enough to be meant. The first of
  /// several equally near ones wins, so that the answer does not depend on anything but the input.
  ///
  /// - Parameter edits: The most edits that count as a misspelling; `nil`: a third of the word, at least one.
  package static func nearest(to word: String, in candidates: [String], edits: Int? = nil) -> String? {
    let limit = edits ?? max(1, word.count / 3)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where abs(candidate.count - word.count) <= limit {
      let distance = distance(Array(word.lowercased()), Array(candidate.lowercased()))
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other.
  package static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var rows = [Array(0...right.count)]
    for (row, character) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let replaced = rows[row][column] + (character == other ? 0 : 1)
        var fewest = min(replaced, rows[row][column + 1] + 1, current[column] + 1)
        // trap: indices of the loops
        if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
          // trap: indices of the loops
          fewest = min(fewest, rows[row - 1][column - 1] + 1)
        }
        current.append(fewest)
      }
      rows.append(current)
    }
    return rows[left.count][right.count]
  }
}
