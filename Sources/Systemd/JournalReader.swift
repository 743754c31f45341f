/// Reads the journal of this machine. Each call opens it anew, so that a reader can be shared and sees every file.
///
/// Reading what other users' processes wrote needs root or one of the groups `systemd-journal` and `adm`; without, calls
/// throw `permissionDenied` rather than find nothing.
public struct JournalReader: Sendable {
  /// A folder of journal files to read instead of the machine's own.
  public var directory: String?

  public init(directory: String? = nil) { self.directory = directory }

  /// The place behind the newest entry of all: what a query `after` it finds is new. `nil` in an empty journal.
  public func tail() throws(SystemdError) -> String? {
    throw .noJournal(reason: "not implemented")
  }

  /// The first entries that match, oldest first, at most `limit`.
  public func entries(_ query: JournalQuery, limit: Int = .max) throws(SystemdError) -> [JournalEntry] {
    throw .noJournal(reason: "not implemented")
  }

  /// The last `count` entries that match, oldest first.
  public func last(_ count: Int, _ query: JournalQuery) throws(SystemdError) -> [JournalEntry] {
    throw .noJournal(reason: "not implemented")
  }

  /// Hands over each entry that matches, those that are there and then those that come, until `body` returns false, the
  /// deadline (none: never) passes or the calling task is cancelled. Returns whether `body` ended it.
  ///
  /// It holds the calling thread.
  @discardableResult
  public func follow(
    _ query: JournalQuery, until deadline: ContinuousClock.Instant? = nil, _ body: (JournalEntry) -> Bool
  ) throws(SystemdError) -> Bool {
    throw .noJournal(reason: "not implemented")
  }

  /// The first entry that matches and that `predicate` accepts, waited for until the deadline; `nil`: none came.
  public func first(
    _ query: JournalQuery, until deadline: ContinuousClock.Instant,
    where predicate: (JournalEntry) -> Bool = { _ in true }
  ) throws(SystemdError) -> JournalEntry? {
    var found: JournalEntry?
    try follow(query, until: deadline) { entry in
      guard predicate(entry) else { return true }
      found = entry
      return false
    }
    return found
  }
}
