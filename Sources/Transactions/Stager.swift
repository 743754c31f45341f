package import Deployment
internal import FileOperations
package import HostState
package import Units

/// Puts every new file, whole and fsynced, under its hidden name beside its target, while all still runs as before.
package struct Stager {
  package let journal: TransactionJournal
  package var interruption: Interruption?

  /// Makes the folders that are missing and the hidden files.
  package func stage(_ installs: [DesiredState.File]) throws {
    guard !installs.isEmpty else { return }
    let folders = Self.missingFolders(above: installs)
    try journal.append(.stage(folders: folders, files: installs.map { Files.stagedPath(for: $0.path) }))
    for folder in folders { try Files.makeFolders(folder, mode: 0o755) }
    for file in installs {
      try interruption?.check()
      try copy(file)
    }
    for folder in Set(installs.map { Files.parent(of: $0.path) }).sorted() { try Files.sync(folder: folder) }
  }

  /// As `stage`, for an undo: whatever can be staged is.
  ///
  /// - Returns: why the others could not be, by path.
  package func stageWhatCanBe(_ installs: [DesiredState.File]) -> [String: any Error] {
    let folders = Self.missingFolders(above: installs)
    // Not to be able to announce it must not keep the host from coming back; the backup names the same paths.
    try? journal.append(.stage(folders: folders, files: installs.map { Files.stagedPath(for: $0.path) }))
    var failures: [String: any Error] = [:]
    for file in installs {
      do {
        try Files.makeFolders(Files.parent(of: file.path), mode: 0o755)
        try copy(file)
        try Files.syncFolder(of: file.path)
      } catch {
        failures[file.path] = error
      }
    }
    return failures
  }

  /// Takes away what staging has left, the folders that it made included where they are empty.
  package static func clean(files: [String], folders: [String]) throws {
    var changed: Set<String> = []
    for file in files where Files.exists(file) {
      try Files.removeIfPresent(file)
      changed.insert(Files.parent(of: file))
    }
    for folder in changed.sorted() { try Files.sync(folder: folder) }
    for folder in folders.reversed() { try Files.removeFolderIfEmpty(folder) }
  }

  private func copy(_ file: DesiredState.File) throws {
    guard let origin = file.origin else { return }
    try FileCopy.copy(origin, to: Files.stagedPath(for: file.path), as: file.state)
  }

  private static func missingFolders(above installs: [DesiredState.File]) -> [String] {
    var folders: [String] = []
    for file in installs {
      folders += Files.missingFolders(above: file.path).filter { !folders.contains($0) }
    }
    return folders
  }
}
