internal import Deployment
internal import Glibc

/// The write-ahead record of the transaction in progress: each line is on disk before what it announces begins.
///
/// The file exists exactly while a transaction is unfinished. Whoever finds it and holds the lock finishes it.
struct TransactionJournal {
  /// One line.
  enum Record: Codable, Hashable {
    case begin(Begin)
    /// A backup under this stamp is about to be written.
    case backup(Stamp)
    /// These folders are about to be made and these hidden files written beside their targets.
    case stage(folders: [String], files: [String])
    /// From here on things that run are touched: these units, by these steps.
    case commit(units: [String], steps: [String])
    case step(String)
    /// The commit failed, for this reason; from here on the backup is being put back.
    case undo(String)
    /// The transaction is decided. What is left is to write it down.
    case outcome(HistoryEntry, installed: InstalledRecord?)
  }

  struct Begin: Codable, Hashable {
    var name: String
    var command: String
    var reason: String?
    var user: String
    var pid: Int32
    /// Whole seconds since 1970.
    var started: Int
    var store: String
    var from: ReleaseIdentity?
    var to: ReleaseIdentity?
  }

  let path: String

  init(_ folder: StateFolder) { path = folder.journal }

  /// Opens the transaction; there must be none.
  func begin(_ begin: Begin) throws {
    try Files.replace(path, with: try JSON.line(Record.begin(begin)), mode: 0o600)
  }

  /// Adds a line; it is durable on return.
  func append(_ record: Record) throws {
    let bytes = try JSON.line(record)
    let file = Int32(
      try Files.check("open", path) { Int(open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)) })
    defer { close(file) }
    try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
    try Files.check("fsync", path) { Int(fsync(file)) }
  }

  /// The lines of an unfinished transaction; empty where there is none. A torn last line announced nothing.
  func read() throws -> [Record] {
    guard let bytes = try Files.readIfPresent(path) else { return [] }
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[..<$0] } ?? []
    return try whole.split(separator: UInt8(ascii: "\n")).map {
      try JSON.decode(Record.self, from: $0, path: path)
    }
  }

  /// Closes the transaction.
  func remove() throws {
    try Files.removeIfPresent(path)
    try Files.syncFolder(of: path)
  }
}
