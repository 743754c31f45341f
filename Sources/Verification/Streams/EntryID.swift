/// The identifier of a stream entry: milliseconds and a sequence, ordered as Redis orders them.
struct EntryID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  var milliseconds: UInt64
  var sequence: UInt64

  static let zero = EntryID(milliseconds: 0, sequence: 0)

  init(milliseconds: UInt64, sequence: UInt64) {
    self.milliseconds = milliseconds
    self.sequence = sequence
  }

  /// `nil` where the text is not `<ms>-<seq>` or `<ms>`.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let milliseconds = UInt64(first) else { return nil }
    if parts.count == 1 {
      self.init(milliseconds: milliseconds, sequence: 0)
    } else {
      guard let sequence = UInt64(parts[1]) else { return nil }
      self.init(milliseconds: milliseconds, sequence: sequence)
    }
  }

  static func < (left: EntryID, right: EntryID) -> Bool {
    (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
  }

  var description: String { "\(milliseconds)-\(sequence)" }
}
