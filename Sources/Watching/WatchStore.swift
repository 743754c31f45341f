internal import Deployment
internal import FileOperations
internal import Glibc
package import HostState

/// The watches of this host, a file each, for root alone.
package struct WatchStore: Sendable {
  private static let suffix = ".json"
  private let state: StateFolder

  package init(_ state: StateFolder) { self.state = state }

  /// The watch of that name; `nil` where there was none.
  ///
  /// - Throws: `UnreadableRecord` where it cannot be understood.
  package func record(_ name: String) throws -> WatchRecord? {
    let path = state.watch(name)
    guard let bytes = try Files.readIfPresent(path) else { return nil }
    let record: WatchRecord
    do {
      record = try JSON.decode(WatchRecord.self, from: bytes, path: path)
    } catch let error as UnreadableRecord {
      throw UnreadableRecord(path: path, why: "\(error.why); end it with: qtctl watch --stop --name \(name)")
    }
    guard record.schema == WatchRecord.currentSchema else {
      throw UnreadableRecord(
        path: path, why: "it is of a newer version (\(record.schema)); end it with: qtctl watch --stop --name \(name)")
    }
    return record
  }

  /// Every watch that can be read.
  package func all() throws -> [WatchRecord] {
    try Files.names(in: state.watches).filter { !$0.hasPrefix(".") && $0.hasSuffix(Self.suffix) }.sorted()
      .compactMap { try? record(String($0.dropLast(Self.suffix.count))) }
  }

  /// Puts a watch in place, whatever was there.
  func write(_ record: WatchRecord) throws { try exclusively { try replace(record) } }

  /// Goes on with a watch, unless somebody has ended it or begun it anew since it was read.
  ///
  /// - Returns: whether it was written.
  func update(_ record: WatchRecord) throws -> Bool {
    try exclusively {
      guard let found = try self.record(record.name), found.end == nil, found.began == record.began else {
        return false
      }
      try replace(record)
      return true
    }
  }

  /// Writes down that the end of a watch was told, unless it was begun anew.
  func settle(_ record: WatchRecord) throws {
    try exclusively {
      guard let found = try self.record(record.name), found.began == record.began, found.end == record.end else {
        return
      }
      try replace(record)
    }
  }

  private func replace(_ record: WatchRecord) throws {
    try Files.replace(state.watch(record.name), with: JSON.line(record), mode: 0o600)
  }

  /// Only for what takes a moment.
  private func exclusively<Value>(_ body: () throws -> Value) throws -> Value {
    try state.prepare()
    let path = state.watches
    try Files.makeFolders(path, mode: 0o700)
    let folder = Int32(
      try Files.check("open", path) { Int(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) })
    defer { close(folder) }
    try Files.check("lock", path) { Int(flock(folder, LOCK_EX)) }
    return try body()
  }

  func remove(_ name: String) throws {
    try Files.removeIfPresent(state.watch(name))
    try Files.syncFolder(of: state.watch(name))
  }
}
