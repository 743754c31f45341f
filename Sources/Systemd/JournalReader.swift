/// Reads the journal of this machine. Each call opens it anew, so that a reader can be shared and sees every file.
///
/// Reading what other users' processes wrote needs root or one of the groups `systemd-journal` and `adm`; without, calls
/// throw `permissionDenied` rather than find nothing.
package struct JournalReader: Sendable {
  /// A folder of journal files to read instead of the machine's own.
  package var directory: String?

  package init(directory: String? = nil) { self.directory = directory }

  /// The place of the newest entry of all: what a query `after` it finds is new. `nil` in an empty journal.
  package func tail() throws(SystemdError) -> String? {
    let journal = try JournalHandle(JournalQuery(boot: .all), directory: directory)
    try journal.seekEnd()
    return try journal.previousCursor()
  }

  /// The first entries that match, oldest first, at most `limit`.
  package func entries(_ query: JournalQuery, limit: Int = .max) throws(SystemdError) -> [JournalEntry] {
    let journal = try JournalHandle(query, directory: directory)
    try journal.seekStart()
    var entries: [JournalEntry] = []
    while entries.count < limit, let entry = try journal.next() {
      entries.append(entry)
    }
    return entries
  }

  /// The last `count` entries that match, oldest first.
  package func last(_ count: Int, _ query: JournalQuery) throws(SystemdError) -> [JournalEntry] {
    // Where the query has a beginning, going backwards would not notice it.
    if query.after != nil || query.since != nil { return try entries(query).suffix(count) }
    var entries: [JournalEntry] = []
    guard count > 0 else { return [] }
    try backwards(query) { entry in
      entries.append(entry)
      return entries.count < count
    }
    return entries.reversed()
  }

  /// Passes the entries that match to `body`, the newest first, until it returns false. Where the query begins (`after`,
  /// `since`) is ignored.
  package func backwards(_ query: JournalQuery, _ body: (JournalEntry) -> Bool) throws(SystemdError) {
    let journal = try JournalHandle(query, directory: directory)
    try journal.seekEnd()
    while let entry = try journal.previous(), body(entry) {}
  }

  /// Passes each entry that matches to `body`, first those that exist and then new ones, until it returns false, the
  /// deadline (none: never) passes or the calling task is cancelled. Returns whether `body` ended it.
  ///
  /// It blocks the calling thread. What exists at the deadline is passed on in any case.
  @discardableResult
  package func follow(
    _ query: JournalQuery, until deadline: ContinuousClock.Instant? = nil, _ body: (JournalEntry) -> Bool
  ) throws(SystemdError) -> Bool {
    let journal = try JournalHandle(query, directory: directory)
    try journal.seekStart()
    while true {
      // Asked before reading, so that an entry written just before the deadline is found.
      let isLast = deadline.map { $0 <= .now } ?? false
      while let entry = try journal.next() {
        guard body(entry) else { return true }
      }
      if isLast || Task.isCancelled { return false }
      try journal.wait(deadline.map { min($0.remaining, Self.pollInterval) } ?? Self.wakeUp)
      try journal.seekOn()
    }
  }

  /// journald wakes readers up to 250 ms after an entry can be read. With a deadline, the reader looks earlier.
  private static let pollInterval = Duration.milliseconds(20)
  /// How long it may take to see that the task was cancelled.
  private static let wakeUp = Duration.milliseconds(250)

  /// The first entry that matches and that `predicate` accepts, waited for until the deadline; `nil`: none came.
  package func first(
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
