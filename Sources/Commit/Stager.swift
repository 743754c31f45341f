internal import Basics
package import Deployment
internal import FileOperations
package import HostState
package import Units

/// Puts every new file, whole and fsynced, under its hidden name beside its target, while all still runs as before.
package struct Stager {
  package let journal: TransactionJournal
  package var interruption: Interruption?

  package init(journal: TransactionJournal, interruption: Interruption? = nil) {
    self.journal = journal
    self.interruption = interruption
  }

  /// Makes the folders that are missing and the hidden files.
  package func stage(_ installs: [DesiredState.File]) throws {
    guard !installs.isEmpty else { return }
    let folders = Self.missingFolders(above: installs)
    let files = installs.filter { $0.state.type != .directory }
    try journal.append(.stage(folders: folders, files: files.map(\.stagedPath)))
    let modes = Dictionary(
      installs.filter { $0.state.type == .directory }.map { ($0.path, $0.state.mode) }
    ) { first, _ in first }
    for folder in folders { _ = try Folder.shared(folder, making: (modes[folder] ?? nil) ?? 0o755) }
    let syncs = files.count <= Files.mostSyncs
    _ = try Parallel.map(files) { [interruption] file in
      try interruption?.check()
      try Self.copy(file, syncs: syncs)
    }
    try Files.sync(folders: Set(files.map { Files.parent(of: $0.stagedPath) }))
    if !syncs { try Self.syncAll(files) }
  }

  /// As `stage`, for an undo: whatever can be staged is.
  ///
  /// - Returns: why the others could not be, by path.
  package func stageWhatCanBe(_ installs: [DesiredState.File]) -> [String: any Error] {
    let folders = Self.missingFolders(above: installs)
    let files = installs.filter { $0.state.type != .directory }
    // Not to be able to announce it must not keep the host from coming back; the backup names the same paths.
    try? journal.append(.stage(folders: folders, files: files.map(\.stagedPath)))
    var failures: [String: any Error] = [:]
    let syncs = files.count <= Files.mostSyncs
    for file in files {
      do {
        let folder = try Folder.shared(Files.parent(of: file.stagedPath), making: 0o755)
        try Self.copy(file, syncs: syncs)
        if syncs { try folder.sync() }
      } catch {
        failures[file.path] = error
      }
    }
    // What cannot be made durable at once is, with the last rename, or by the kernel in its time.
    if !syncs { try? Self.syncAll(files.filter { failures[$0.path] == nil }) }
    return failures
  }

  /// Makes all that was staged durable, by one call a filesystem.
  private static func syncAll(_ files: [DesiredState.File]) throws {
    var devices: Set<UInt> = []
    for folder in Set(files.map { Files.parent(of: $0.stagedPath) }).sorted() {
      guard devices.insert(try Filesystem(holding: folder).device).inserted else { continue }
      try Folder.shared(folder).syncFilesystem()
    }
  }

  /// Takes away what staging has left, the folders that it made included where they are empty.
  package static func clean(files: [String], folders: [String]) throws {
    var changed: [String: Folder] = [:]
    for file in files {
      guard let location = try FileLocation.reachable(file), location.exists else { continue }
      try location.remove()
      changed[location.folder.path] = location.folder
    }
    for (_, folder) in changed.sorted(by: { $0.key < $1.key }) { try folder.sync() }
    for folder in folders.reversed() { _ = try FileLocation.reachable(folder)?.removeFolderIfEmpty() }
  }

  private static func copy(_ file: DesiredState.File, syncs: Bool) throws {
    let staged = try FileLocation(shared: file.stagedPath)
    if let origin = file.origin {
      try FileCopy.copy(FileLocation(own: origin), to: staged, as: file.state, syncs: syncs)
    } else if let link = file.state.link {
      try FileCopy.makeLink(to: link, at: staged, as: file.state)
    }
  }

  /// Shallowest first in each branch.
  private static func missingFolders(above installs: [DesiredState.File]) -> [String] {
    var (folders, seen): ([String], Set<String>) = ([], [])
    for file in installs where file.staged == nil && seen.insert(Files.parent(of: file.path)).inserted {
      folders += Files.missingFolders(above: file.path)
    }
    return folders.uniqued()
  }
}

extension DesiredState.File {
  /// The hidden name under which it waits for the commit.
  package var stagedPath: String { staged ?? Files.stagedPath(for: path) }
}
