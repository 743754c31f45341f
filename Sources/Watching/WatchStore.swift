internal import Deployment
internal import FileOperations
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

  func write(_ record: WatchRecord) throws {
    try state.prepare()
    try Files.makeFolders(state.watches, mode: 0o700)
    try Files.replace(state.watch(record.name), with: JSON.line(record), mode: 0o600)
  }

  func remove(_ name: String) throws {
    try Files.removeIfPresent(state.watch(name))
    try Files.syncFolder(of: state.watch(name))
  }
}
