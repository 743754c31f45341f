/// How consumer groups stood at one moment of a transaction.
package struct GroupSample: Sendable, Hashable, Codable {
  /// In seconds from the transaction's first step on.
  package var at: Double
  package var groups: [Group]

  package init(at: Double, groups: [Group]) {
    self.at = at
    self.groups = groups
  }

  /// One group. What is not known is `nil`.
  package struct Group: Sendable, Hashable, Codable {
    package var stream: String
    package var group: String
    /// At least so many entries waited for their first delivery.
    package var waiting: Int?
    /// Entries that were delivered and not acknowledged.
    package var pending: Int?
    /// Entries that were ever added to the stream.
    package var added: Int?
    /// Entries that were ever delivered to the group.
    package var read: Int?

    package init(
      stream: String, group: String, waiting: Int? = nil, pending: Int? = nil, added: Int? = nil, read: Int? = nil
    ) {
      self.stream = stream
      self.group = group
      self.waiting = waiting
      self.pending = pending
      self.added = added
      self.read = read
    }
  }
}
