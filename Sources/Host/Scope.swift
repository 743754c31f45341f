public import Deployment
internal import Glibc

/// What a command is about: the manifest in hand, or where there is none, what was deployed under it.
public struct Scope: Sendable {
  public let manifest: Manifest
  /// Where the manifest lies; `nil` when it is known only from what was deployed.
  public let file: ManifestFile?
  public let installed: InstalledRecord?
  public let store: BackupStore

  public var name: String { manifest.name }

  /// The manifest's file, for what needs the release itself.
  public func found() throws -> ManifestFile {
    guard let file else {
      let last = installed.map { "; what was deployed last is \($0.name) \($0.release) from \($0.folder)" } ?? ""
      throw HostError.refused(["a deploy needs a release: name its folder, or run this where its manifest lies\(last)"])
    }
    return file
  }
  public var units: [String] { manifest.services.map(\.unit) }

  /// Finds the manifest: the one named, else `$QTCTL_MANIFEST`, `./qtctl.yaml`, `./units/qtctl.yaml`,
  /// `/etc/qtctl/qtctl.yaml`, else that of the one release that was deployed here.
  ///
  /// - Parameters:
  ///   - named: a path from the command line.
  ///   - name: of what was deployed here; then no manifest is looked for.
  ///   - environment: the process's environment.
  public init(named: String?, name: String? = nil, environment: Environment) throws {
    let releases = InstalledReleases(environment.state)
    if name == nil, let path = Self.path(named: named, environment: environment) {
      let file = try ManifestFile(at: path)
      self.file = file
      manifest = file.manifest
      installed = try releases.record(file.manifest.name)
      store = BackupStore(path: environment.backups ?? StorePath.of(manifest, in: file.home, installed))
      return
    }
    let names = try releases.names().filter { name == nil || $0 == name }
    guard names.count == 1, let record = try names.first.flatMap(releases.record) else {
      throw HostError.refused([try Self.notFound(name, releases.names())])
    }
    file = nil
    manifest = try Manifest(yaml: record.manifest, file: record.folder + "/" + Release.manifestName)
    installed = record
    store = BackupStore(path: environment.backups ?? record.store)
  }

  /// What has to be true of the host: the files of the last transaction, the checks of the manifest in hand.
  public func proof(_ environment: Environment) throws -> Proof {
    if let installed { return Proof(installed, manifest: manifest, redis: environment.redis) }
    let release = try Release(found())
    let files = release.desired.files.filter { !$0.keep }.map {
      InstalledRecord.File(path: $0.path, unit: $0.unit, state: $0.state, secret: $0.secret, keep: $0.keep)
    }
    return Proof(
      units: units, files: files, verify: manifest.verify, redis: environment.redis ?? manifest.effectiveRedis)
  }

  /// The units that a person named, or all; in start order.
  public func select(_ names: [String]) throws -> [String] {
    let wanted = Set(names.map { $0.contains(".") ? $0 : $0 + ".service" })
    let unknown = wanted.subtracting(units)
    guard unknown.isEmpty else {
      throw HostError.refused([
        "\(unknown.sorted().joined(separator: ", ")): not in the manifest, which has \(units.joined(separator: ", "))"
      ])
    }
    return wanted.isEmpty ? units : units.filter(wanted.contains)
  }

  static func path(named: String?, environment: Environment) -> String? {
    if let named = named ?? environment.manifest { return named }
    return ["./qtctl.yaml", "./units/qtctl.yaml", "/etc/qtctl/qtctl.yaml"].first(where: Files.exists)
  }

  private static func notFound(_ name: String?, _ names: [String]) -> String {
    let list = names.joined(separator: ", ")
    if let name {
      return "nothing was deployed here under the name '\(name)'; "
        + (names.isEmpty ? "nothing was deployed at all" : "there is \(list)")
    }
    return names.isEmpty
      ? "there is no manifest here and nothing was deployed yet; name one with --manifest PATH or $QTCTL_MANIFEST"
      : "several releases were deployed here (\(list)); say which with --name NAME or --manifest PATH"
  }
}
