internal import Deployment

/// One path in two states, and where the content of each can be read.
struct FileComparison {
  struct Side {
    var state: FileState
    /// Where the content lies; `nil` where it is not kept.
    var content: String?
  }

  var path: String
  var secret: Bool
  var old: Side
  var new: Side

  /// What differs, in words: old → new; empty where nothing does. Of a secret's content nothing is said but that it
  /// differs.
  var words: [String] {
    old.state.differences(to: new.state, secret: secret) + (secret ? [] : sizes)
  }

  private var sizes: [String] {
    guard old.state.sha256 != new.state.sha256, let before = old.state.size, let after = new.state.size else {
      return []
    }
    return before == after ? [] : ["size \(before) → \(after)"]
  }
}
