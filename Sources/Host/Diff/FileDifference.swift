internal import Deployment

/// How one path differs between two states, as it is shown: in words, and for text line by line.
public struct FileDifference: Sendable, Hashable, Encodable {
  public var path: String
  public var secret: Bool
  /// What differs, in words: old → new.
  public var differences: [String]
  /// The lines of a unified diff, control characters made visible; empty where there is none to show.
  public var diff: [String]
  /// How many lines more the diff has.
  public var more: Int

  /// The path with what differs, in one line.
  public var sentence: String { "\(path): \(differences.joined(separator: ", "))" }

  /// As a person reads it: the sentence, and the diff below it.
  public var text: String {
    let rest = more > 0 ? ["… \(more) more lines"] : []
    return ([sentence] + (diff + rest).map { "  " + $0 }).joined(separator: "\n") + "\n"
  }
}
