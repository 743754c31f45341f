internal import Basics
package import Deployment
internal import EventBus
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// Writes one backup: under a hidden name, every file and folder fsynced, then renamed to its stamp.
package struct BackupWriter: Sendable {
  package let store: BackupStore
  package let record: BackupRecord

  package init(store: BackupStore, record: BackupRecord) {
    self.store = store
    self.record = record
  }

  /// Whether there are so many files that they are made durable by one call instead of one by one.
  private var isLarge: Bool { record.entries.count > 4 * Files.mostSyncs }  // trap: a constant

  private var hidden: String { store.hiddenFolder(record.stamp) }

  /// - Throws: `FileError`, or `FileChanged` when a file is no longer what `record` says. Nothing is
  ///   left then.
  package func write() throws {
    try store.sweep()
    do {
      try Files.makeFolders(hidden + "/files", mode: 0o700)
      let states = Dictionary(record.entries.map { ($0.path, $0.state) }) { first, _ in first }
      let previous = Self.linkable(in: store, for: states, of: record.name)
      var sums: [String: String] = [:]
      let files = record.entries.filter { $0.state.type == .file }
      for folder in files.map({ Files.parent(of: place(of: $0)) }).uniqued() {
        // Made durable with all others before the backup gets its name.
        try Files.makeFolders(folder, mode: 0o700, syncs: false)
      }
      // Reading and hashing is most of it.
      _ = try Parallel.map(files) { try save($0, previous: previous) }
      for entry in files { sums["files" + entry.path] = entry.state.sha256 }
      // A link has no content to sum up: where it leads is in backup.json.
      for entry in record.entries where entry.state.type == .symlink {
        let target = place(of: entry)
        try Files.makeFolders(Files.parent(of: target), mode: 0o700, syncs: false)
        try FileCopy.copy(FileLocation(shared: entry.path), to: FileLocation(own: target), as: entry.state)
      }
      sums["backup.json"] = try add("backup.json", try JSON.page(record), mode: 0o600)
      let script = RestoreScript(record: record).text
      sums["restore.sh"] = try add("restore.sh", FileName.bytes(script), mode: 0o700)
      _ = try add(Checksums.name, Checksums.text(sums), mode: 0o600)
      if isLarge { try Folder.own(hidden).syncFilesystem() } else { try sync(hidden) }
      try Files.rename(hidden, to: store.folder(record.stamp))
    } catch {
      try? Files.removeTree(hidden)
      throw error
    }
  }

  private func add(_ name: String, _ bytes: [UInt8], mode: UInt32) throws -> String {
    let path = hidden + "/" + name
    try Files.create(path, mode: mode) { file in
      try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
    }
    return Digest.bytes(bytes)
  }

  /// Where its copy goes.
  private func place(of entry: BackupRecord.Entry) -> String { hidden + "/files" + entry.path }

  /// The folders above its copy are there.
  private func save(_ entry: BackupRecord.Entry, previous: [String: String]) throws {
    let target = place(of: entry)
    // The copy is looked at and read before it is trusted: a link to one that was damaged, or whose mode, owner or
    // attributes somebody has changed, would damage this backup too. One that cannot be read is no reason to take none.
    if let copy = previous[entry.path], (try? FileState.read(copy)) == entry.state,
      link(FileName.cString(copy), FileName.cString(target)) == 0
    {
      return
    }
    try FileCopy.copy(
      FileLocation(shared: entry.path), to: FileLocation(own: target), as: entry.state, syncs: !isLarge)
  }

  /// The copies of the newest backup of that name that are the same file in content and metadata, by path.
  package static func linkable(in store: BackupStore, for states: [String: FileState], of name: String) -> [String:
    String]
  {
    for stamp in (try? store.stamps()) ?? [] {
      guard let previous = try? store.record(stamp), previous.name == name else { continue }
      let same = previous.entries.filter { $0.state.type == .file && states[$0.path] == $0.state }
      return Dictionary(same.map { ($0.path, store.contents(stamp) + $0.path) }) { first, _ in first }
    }
    return [:]
  }

  private func sync(_ folder: String) throws {
    for name in try Files.names(in: folder) {
      let path = folder + "/" + name
      if try FileState.peek(path).type == .directory { try sync(path) }
    }
    try Files.sync(folder: folder)
  }
}
