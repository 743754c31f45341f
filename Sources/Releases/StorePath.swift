package import Deployment
internal import FileOperations

/// Where the backups of a manifest lie.
package enum StorePath {
  /// An absolute `backups.directory` as it stands. A relative one starts from the manifest at the first deploy; from
  /// then on the store stays where it is, from whatever folder a later release comes.
  package static func of(_ manifest: Manifest, in home: String, _ installed: InstalledRecord?) -> String {
    let directory = manifest.backups.directory
    if !directory.hasPrefix("/"), let installed { return installed.store }
    return Paths.resolve(directory, in: home)
  }
}
