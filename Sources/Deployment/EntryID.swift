/// The identifier of a stream entry: milliseconds and a sequence, ordered as Redis orders them.
package struct EntryID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  package var milliseconds: UInt64
  package var sequence: UInt64

  package static let zero = EntryID(milliseconds: 0, sequence: 0)

  package init(milliseconds: UInt64, sequence: UInt64) {
    self.milliseconds = milliseconds
    self.sequence = sequence
  }

  /// `nil` where the text is not `<ms>-<seq>` or `<ms>`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let milliseconds = UInt64(first) else { return nil }
    if parts.count == 1 {
      self.init(milliseconds: milliseconds, sequence: 0)
    } else {
      guard let sequence = UInt64(parts[1]) else { return nil }
      self.init(milliseconds: milliseconds, sequence: sequence)
    }
  }

  package static func < (left: EntryID, right: EntryID) -> Bool {
    (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
  }

  package var description: String { "\(milliseconds)-\(sequence)" }
}
