internal import Deployment

/// Puts every new file, whole and fsynced, under its hidden name beside its target, while all still runs as before.
struct Stager {
  let journal: TransactionJournal

  /// - Returns: the folders that it made, the shallowest first.
  func stage(_ installs: [DesiredState.File]) throws {
    guard !installs.isEmpty else { return }
    var folders: [String] = []
    for file in installs {
      folders += Files.missingFolders(above: file.path).filter { !folders.contains($0) }
    }
    try journal.append(.stage(folders: folders, files: installs.map { Files.stagedPath(for: $0.path) }))
    for folder in folders { try Files.makeFolders(folder, mode: 0o755) }
    for file in installs {
      guard let origin = file.origin else { continue }
      try FileCopy.copy(origin, to: Files.stagedPath(for: file.path), as: file.state)
    }
    for folder in Set(installs.map { Files.parent(of: $0.path) }).sorted() { try Files.sync(folder: folder) }
  }

  /// Takes away what staging has left, the folders that it made included where they are empty.
  static func clean(files: [String], folders: [String]) throws {
    for file in files { try Files.removeIfPresent(file) }
    for folder in folders.reversed() { try Files.removeFolderIfEmpty(folder) }
  }
}
