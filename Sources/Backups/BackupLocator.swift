internal import Deployment
package import HostState
internal import Manifests
internal import Releases

/// Where a backup is looked for when release, manifest or records may be gone.
package struct BackupLocator: Sendable {
  package let store: BackupStore
  /// The manifest's name, where one is known; only its backups are chosen from.
  package let name: String?

  /// The store of the manifest at hand or of the one release that was deployed; else the one in which the stamp lies.
  ///
  /// - Parameters:
  ///   - stamp: as a person wrote it; `nil`: there must be no doubt whose backups are meant.
  ///   - named: a manifest's path from the command line.
  ///   - name: of what was deployed here.
  package init(of stamp: String?, named: String?, name: String?, environment: Environment) throws {
    let releases = InstalledReleases(environment.state)
    do {
      if name == nil, let path = ManifestLookup.path(named: named, environment: environment) {
        let file = try ManifestFile(at: path)
        // Where it cannot be read, a rollback writes it anew.
        let installed = try? releases.record(file.manifest.name)
        store = BackupStore(
          path: environment.backups ?? StorePath.of(file.manifest, in: file.home, installed))
        self.name = file.manifest.name
        return
      }
      if let backups = environment.backups {
        self.name = name
        store = BackupStore(path: backups)
        return
      }
      let lookup = try ManifestLookup(named: nil, name: name, environment: environment)
      store = BackupStore(path: lookup.storePath)
      self.name = lookup.name
    } catch {
      // A path that was typed must be fixed; one that was found is only the most convenient way to the store.
      guard named == nil, name == nil, environment.manifest == nil else { throw error }
      guard let stamp else { throw Self.advised(error) }
      guard let holder = try Self.store(holding: stamp, releases) else { throw error }
      store = holder
      self.name = nil
    }
  }

  /// Where a backup goes that comes from elsewhere: to the others; on a host without manifest and records, where a rollback
  /// to its stamp looks for it.
  package static func receiving(named: String?, name: String?, environment: Environment) throws -> BackupStore {
    let isKnown = named != nil || name != nil || environment.backups != nil
    if !isKnown, ManifestLookup.path(named: nil, environment: environment) == nil,
      try InstalledReleases(environment.state).names().isEmpty
    {
      return BackupStore(path: StorePath.fallback)
    }
    return try BackupLocator(of: nil, named: named, name: name, environment: environment).store
  }

  private static func advised(_ error: any Error) -> any Error {
    guard error is ManifestError else { return error }
    return Refusal(["\(error)", "to do without that manifest, choose what was deployed with --name NAME"])
  }

  /// - Returns: `nil` where no store is known.
  private static func store(holding text: String, _ releases: InstalledReleases) throws -> BackupStore? {
    guard let stamp = Stamp(text) else { throw BackupError.notAStamp(text) }
    let stores = Set(try releases.names().compactMap { try? releases.record($0)?.store }).sorted()
    guard !stores.isEmpty else {
      // A host that was set up afresh, to which a backup was imported.
      let fallback = BackupStore(path: StorePath.fallback)
      return try fallback.stamps().contains(stamp) ? fallback : nil
    }
    let holders = try stores.map(BackupStore.init(path:)).filter { try $0.stamps().contains(stamp) }
    guard holders.count < 2 else {
      throw Refusal([
        "\(holders.map(\.path).joined(separator: " and ")) have a backup \(stamp); choose one with --name NAME"
      ])
    }
    guard let holder = holders.first else {
      let known = try stores.flatMap { try BackupStore(path: $0).stamps() }.sorted(by: >)
      throw BackupError.noSuchStamp(text, store: stores.joined(separator: " or "), known: known)
    }
    return holder
  }
}
