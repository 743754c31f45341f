package import Deployment
internal import FileOperations

/// Where the backups of a manifest lie.
package enum StorePath {
  package static let fallback = "/var/backups/qtctl"

  /// An absolute `backups.directory` as it stands. A relative one starts from the manifest at the first deploy; from
  /// then on the store stays where it is, from whatever folder a later release comes.
  ///
  /// Where the default would lie in a folder that others than root can change, the store is `fallback`.
  package static func of(_ manifest: Manifest, in home: String, _ installed: InstalledRecord?) -> String {
    let directory = manifest.backups.directory
    if !directory.hasPrefix("/"), let installed { return installed.store }
    let path = Paths.resolve(directory, in: home)
    guard directory == Manifest.Backups().directory, PathTrust.root.fault(of: path) != nil else { return path }
    return fallback
  }
}
