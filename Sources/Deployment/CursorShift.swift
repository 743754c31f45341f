/// What putting a consumer group back to where a backup saw it would mean.
package struct CursorShift: Sendable, Hashable {
  package enum Direction: String, Sendable, Hashable, Encodable {
    /// It is already there.
    case none
    /// Entries that were delivered are delivered again.
    case again
    /// Entries that were never delivered are skipped.
    case skip
  }

  package var stream: String
  package var group: String
  /// The id delivered last when the backup was taken; `nil` where it was not known.
  package var saved: String?
  /// The id delivered last now; `nil` where there is no such group, or it cannot be asked.
  package var present: String?
  /// How many entries lie between the two, trimmed ones not counted; `nil` where that is not known.
  package var entries: Int?

  package init(stream: String, group: String, saved: String?, present: String?, entries: Int? = nil) {
    self.stream = stream
    self.group = group
    self.saved = saved
    self.present = present
    self.entries = entries
  }

  /// `nil` where one of the two is not known.
  package var direction: Direction? {
    guard let saved = saved.flatMap({ EntryID($0) }), let present = present.flatMap({ EntryID($0) }) else { return nil }
    return saved == present ? Direction.none : saved < present ? .again : .skip
  }

  /// In words.
  package var sentence: String {
    let count = entries.map(String.init) ?? "an unknown number of"
    return switch direction {
    case nil:
      saved == nil
        ? "the backup does not say where it was"
        : "the group does not exist, or Redis cannot be asked"
    case Direction.none?: "already there"
    case .again?: "\(count) entries delivered again"
    case .skip?: "\(count) entries skipped, never delivered"
    }
  }

  /// What putting all of them back means, in one line.
  package static func summary(_ shifts: [CursorShift]) -> String {
    shifts.isEmpty
      ? "the backup has no consumer group"
      : shifts.map { "\($0.group): \($0.sentence)" }.joined(separator: "; ")
  }
}

extension CursorShift: Encodable {
  private enum Key: String, CodingKey { case stream, group, saved, present, direction, entries }

  /// What is not known is `null`, not a missing key.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(stream, forKey: .stream)
    try container.encode(group, forKey: .group)
    try container.encode(saved, forKey: .saved)
    try container.encode(present, forKey: .present)
    try container.encode(direction, forKey: .direction)
    try container.encode(entries, forKey: .entries)
  }
}

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
      // trap: counted
      guard let sequence = UInt64(parts[1]) else { return nil }
      self.init(milliseconds: milliseconds, sequence: sequence)
    }
  }

  package static func < (left: EntryID, right: EntryID) -> Bool {
    (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
  }

  package var description: String { "\(milliseconds)-\(sequence)" }
}
