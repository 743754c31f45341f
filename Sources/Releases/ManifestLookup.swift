internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
package import HostState
internal import Manifests

/// What a command is about: the manifest in hand, or where there is none, what was deployed under it.
package struct ManifestLookup: Sendable {
  package let manifest: Manifest
  /// Where the manifest lies; `nil` when it is known only from what was deployed.
  package let file: ManifestFile?
  package let installed: InstalledRecord?
  /// Where the backups lie, absolute.
  package let storePath: String

  package var name: String { manifest.name }

  /// The manifest's file, for what needs the release itself.
  package func found() throws -> ManifestFile {
    guard let file else {
      let last = installed.map { "; last deployed: \($0.name) \($0.release) from '\($0.folder)'" } ?? ""
      throw Refusal(["no release given; name its folder, or run the command where its manifest is\(last)"])
    }
    return file
  }
  package var units: [String] { manifest.services.map(\.unit) }

  /// Finds the manifest: the one named, else `$QTCTL_MANIFEST`, `./qtctl.yaml`, `./units/qtctl.yaml`,
  /// `/etc/qtctl/qtctl.yaml`, else that of the one release that was deployed here.
  ///
  /// - Parameters:
  ///   - named: a path from the command line.
  ///   - name: of what was deployed here; then no manifest is looked for.
  ///   - units: that a person named; where several releases were deployed, they tell which is meant.
  ///   - environment: the process's environment.
  package init(named: String?, name: String? = nil, units: [String] = [], environment: Environment) throws {
    let releases = InstalledReleases(environment.state)
    if name == nil, let path = Self.path(named: named, environment: environment) {
      let file = try ManifestFile(at: path)
      self.file = file
      manifest = file.manifest
      installed = try releases.record(file.manifest.name)
      storePath = environment.backups ?? StorePath.of(manifest, in: file.home, installed)
      return
    }
    var names = try releases.names().filter { name == nil || $0 == name }
    if names.count > 1, !units.isEmpty {
      let wanted = Set(units.map(Self.unitName))
      names = names.filter { ((try? releases.record($0)) ?? nil).map { wanted.isSubset(of: $0.units) } ?? false }
    }
    guard names.count == 1, let record = try names.first.flatMap(releases.record) else {
      throw Refusal([try Self.notFound(name, releases.names())])
    }
    file = nil
    manifest = try Manifest(yaml: record.manifest, file: record.folder + "/" + Release.manifestName)
    installed = record
    storePath = environment.backups ?? record.store
  }

  /// The manifest at hand, for whoever may not read what was deployed; `nil` where there is none.
  package init?(withoutRecords named: String?, environment: Environment) throws {
    guard let path = Self.path(named: named, environment: environment) else { return nil }
    let file = try ManifestFile(at: path)
    self.file = file
    manifest = file.manifest
    installed = nil
    storePath = environment.backups ?? StorePath.of(manifest, in: file.home, nil)
  }

  /// The units that a person named, or all; in start order.
  package func select(_ names: [String]) throws -> [String] {
    let wanted = Set(names.map(Self.unitName))
    let unknown = wanted.subtracting(units)
    guard unknown.isEmpty else {
      let meant = unknown.count == 1 ? unknown.first.flatMap { NearestWord.nearest(to: $0, in: units) } : nil
      throw Refusal([
        "\(unknown.sorted().joined(separator: ", ")): not a unit of the manifest; "
          + (meant.map { "did you mean '\($0)'? " } ?? "") + "its units are \(units.joined(separator: ", "))"
      ])
    }
    return wanted.isEmpty ? units : units.filter(wanted.contains)
  }

  /// A unit's name in full, as systemctl completes it.
  private static func unitName(_ name: String) -> String { name.contains(".") ? name : name + ".service" }

  package static func path(named: String?, environment: Environment) -> String? {
    if let named = named ?? environment.manifest { return named }
    return ["./qtctl.yaml", "./units/qtctl.yaml", "/etc/qtctl/qtctl.yaml"].first(where: Files.exists)
  }

  private static func notFound(_ name: String?, _ names: [String]) -> String {
    let list = names.joined(separator: ", ")
    if let name {
      return "nothing was deployed on this host under the name '\(name)'; "
        + (NearestWord.nearest(to: name, in: names).map { "did you mean '\($0)'? " } ?? "")
        + (names.isEmpty ? "nothing was deployed at all" : "deployed names: \(list)")
    }
    return names.isEmpty
      ? "no manifest found and nothing was deployed yet; name one with --manifest PATH or $QTCTL_MANIFEST"
      : "several releases were deployed on this host (\(list)); choose one with --name NAME or --manifest PATH"
  }
}
