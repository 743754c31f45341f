package import Deployment
internal import FileOperations
internal import Glibc

/// The write-ahead record of the transaction in progress: each line is on disk before what it announces begins.
///
/// The file exists exactly while a transaction is unfinished. Whoever finds it and holds the lock finishes it.
package struct TransactionJournal {
  /// One line.
  package enum Record: Codable, Hashable {
    case begin(Begin)
    /// A backup under this stamp is about to be written.
    case backup(Stamp)
    /// These folders are about to be made and these hidden files written beside their targets.
    case stage(folders: [String], files: [String])
    /// How Redis stood before anything was stopped.
    case baseline(Baseline)
    /// From here on things that run are touched: these units and these files, by these steps.
    /// `others`: units of no manifest that are stopped for them and have to be active in the end.
    case commit(units: [String], files: [String], steps: [String], others: [String]? = nil)
    case step(String)
    /// This hook is about to run; `undo` takes back what it does.
    case hook(HookCall, undo: HookCall?)
    /// It has ended, and why it failed where it did.
    case hookEnded(HookCall.Name, failure: String?)
    /// The commit failed, for this reason; from here on the backup is being put back.
    case undo(String)
    /// The transaction is decided. What is left is to write it down.
    case outcome(HistoryEntry, installed: InstalledRecord?)
  }

  package struct Begin: Codable, Hashable {
    package var name: String
    package var command: String
    package var reason: String?
    package var user: String
    package var pid: Int32
    /// Whole seconds since 1970.
    package var started: Int
    package var store: String
    package var from: ReleaseIdentity?
    package var to: ReleaseIdentity?
    /// `$QTCTL_REDIS` and `$QTCTL_REDIS_USER` of the command, for whoever finishes it in another environment.
    package var redis: String?
    package var redisUser: String?

    package init(
      name: String, command: String, reason: String? = nil, user: String, pid: Int32, started: Int, store: String,
      from: ReleaseIdentity? = nil, to: ReleaseIdentity? = nil
    ) {
      self.name = name
      self.command = command
      self.reason = reason
      self.user = user
      self.pid = pid
      self.started = started
      self.store = store
      self.from = from
      self.to = to
    }
  }

  package let path: String

  package init(_ folder: StateFolder) { path = folder.journal }

  /// Opens the transaction; there must be none.
  package func begin(_ begin: Begin) throws {
    try Files.replace(path, with: try JSON.line(Record.begin(begin)), mode: 0o600)
  }

  /// Adds a line; it is durable on return.
  package func append(_ record: Record) throws {
    try JSONLines(path: path).append(record)
  }

  /// The lines of an unfinished transaction; empty where there is none.
  ///
  /// A torn last line announced nothing. Nor does one that a failing disk made unreadable keep the others from being
  /// followed: a transaction that nobody may finish would be worse.
  package func read() throws -> [Record] {
    guard let lines = try JSONLines(path: path).read() else { return [] }
    let records = lines.compactMap { try? JSON.decode(Record.self, from: $0, path: path) }
    // It is put in place whole, with its first line.
    guard case .begin? = records.first else {
      throw UnreadableRecord(
        path: path, why: "it does not say which transaction it belongs to; check 'qtctl status', then remove the file")
    }
    return records
  }

  /// Closes the transaction.
  package func remove() throws {
    try Files.removeIfPresent(path)
    try Files.syncFolder(of: path)
    // Nobody undoes anything by it now; what cannot be removed goes with the next sweep.
    try? Files.removeTree(StateFolder(path: Files.parent(of: path)).migration)
  }
}
