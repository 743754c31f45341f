internal import Deployment

extension DesiredState.File {
  /// From what should be to what is on the host.
  ///
  /// - Parameter secrets: paths that are secret whatever this state says of them: one of the two sides had them so.
  func compared(with inventory: Inventory, secrets: Set<String>) -> FileComparison {
    FileComparison(
      path: path, secret: secret || secrets.contains(path), old: FileComparison.Side(state: state, content: origin),
      new: FileComparison.Side(state: inventory.file(path), content: path))
  }
}

extension InstalledRecord {
  /// The paths whose content is never shown.
  var secrets: Set<String> { Set(files.filter(\.secret).map(\.path)) }
}

extension BackupRecord {
  /// The paths whose content is never shown. What was saved may be from a release that had other secrets than the one
  /// that was coming.
  var secrets: Set<String> { Set(entries.filter(\.secret).map(\.path)).union(installed?.secrets ?? []) }
}
