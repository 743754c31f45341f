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
    for folder in folders { _ = try Folder.shared(folder, making: 0o755) }
    for file in installs {
      try interruption?.check()
      try copy(file)
    }
    for folder in Set(installs.map { Files.parent(of: $0.path) }).sorted() { try Folder.shared(folder).sync() }
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
        let folder = try Folder.shared(Files.parent(of: file.path), making: 0o755)
        try copy(file)
        try folder.sync()
      } catch {
        failures[file.path] = error
      }
    }
    return failures
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

  private func copy(_ file: DesiredState.File) throws {
    guard let origin = file.origin else { return }
    try FileCopy.copy(FileLocation(own: origin), to: FileLocation(shared: file.path).staged, as: file.state)
  }

  private static func missingFolders(above installs: [DesiredState.File]) -> [String] {
    var folders: [String] = []
    for file in installs {
      folders += Files.missingFolders(above: file.path).filter { !folders.contains($0) }
    }
    return folders
  }
}
