internal import Basics
package import Deployment
internal import FileOperations
package import KnownDigests
internal import Manifests

/// A release on disk: a folder with a `qtctl.yaml`, read whole: every source looked at and digested.
package struct Release: Sendable {
  package static let manifestName = "qtctl.yaml"

  package let manifest: Manifest
  /// The manifest's text, word for word.
  package let text: String
  /// Where the backup store is relative to, absolute.
  package let folder: String
  /// Where its files are, absolute: the manifest's folder, or the one that an archive was unpacked to.
  package let contents: String
  /// What the host should be when this release is on it.
  package let desired: DesiredState
  package let identity: ReleaseIdentity

  /// Reads the manifest at `path` (the file itself, or a folder that holds it) and all that it names.
  ///
  /// - Throws: `ManifestError`, or `Refusal` with every source that cannot be used.
  package init(at path: String) throws {
    let file = try ManifestFile(at: path)
    try self.init(file)
  }

  /// - Parameter digests: of files that are not read again.
  package init(_ file: ManifestFile, _ digests: KnownDigests = .none) throws {
    manifest = file.manifest
    text = file.text
    folder = file.home
    contents = file.folder
    var findings: [String] = []
    var files: [DesiredState.File] = []
    var trees: [Tree] = []
    let owned = manifest.services.flatMap { service in service.files.map { (entry: $0, unit: service.unit) } }
    let sources = (manifest.files.map { (entry: $0, unit: "") } + owned).map {
      ReleaseSource(entry: $0.entry, unit: $0.unit, folder: file.folder, digests: digests)
    }
    for found in Self.look(at: sources) {
      do {
        let found = try found.get()
        files += found.files
        if let tree = found.tree { trees.append(tree) }
      } catch let error as Refusal {
        findings.append(error.description)
      } catch let error as FileError {
        findings.append(error.description)
      }
    }
    guard findings.isEmpty else { throw Refusal(findings) }
    var desired = DesiredState(files: files, units: manifest.services.map(DesiredState.Unit.init)).addingBrought()
    desired.startOrder = manifest.start
    desired.trees = trees
    self.desired = desired
    let content = files.map { file in
      "\(file.path)\0\(file.state.sha256 ?? "")\0\(FileState.octal(file.state.mode))\0\(file.keep)"
        + (file.state.link.map { "\0\($0)" } ?? "")
    }
    identity = ReleaseIdentity(
      version: manifest.version, digest: Digest.bytes(Array(content.sorted().joined(separator: "\n").utf8)))
  }

  private typealias Found = Result<(files: [DesiredState.File], tree: Tree?), any Error>

  /// What each source brings, in their order.
  private static func look(at sources: [ReleaseSource]) -> [Found] {
    @Sendable func look(_ last: inout LastFolder, at source: ReleaseSource) -> Found {
      Found { try source.look(&last) }
    }
    // A few may be trees, in each of which the files are looked at on all cores.
    guard sources.count < 32 else { return Parallel.map(sources, with: { LastFolder() }, look) }
    var last = LastFolder()
    return sources.map { look(&last, at: $0) }
  }
}

extension DesiredState {
  /// With the units whose unit file is among the files and that nothing lists: each follows the unit that brings it, and is
  /// up afterwards where it was up before.
  func addingBrought() -> DesiredState {
    var state = self
    for file in files {
      guard let unit = UnitFolders.unit(ofFile: file.path), !state.units.contains(where: { $0.unit == unit }) else {
        continue
      }
      let place = state.units.lastIndex { $0.unit == file.unit }.map { $0 + 1 } ?? state.units.count
      state.units.insert(Unit(unit: unit, target: .asFound, enablement: .asFiles), at: place)
    }
    return state
  }
}
