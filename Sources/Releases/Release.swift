package import Deployment
internal import FileOperations
internal import Glibc
internal import Manifests
internal import SystemPackage

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

  package init(_ file: ManifestFile) throws {
    manifest = file.manifest
    text = file.text
    folder = file.home
    contents = file.folder
    var findings: [String] = []
    var files: [DesiredState.File] = []
    let owned = manifest.services.flatMap { service in service.files.map { (entry: $0, unit: service.unit) } }
    for (entry, unit) in manifest.files.map({ ($0, "") }) + owned {
      do {
        files.append(try Self.desired(entry, of: unit, in: file.folder))
      } catch let error as Refusal {
        findings.append(error.description)
      } catch let error as FileError {
        findings.append(error.description)
      }
    }
    guard findings.isEmpty else { throw Refusal(findings) }
    var desired = DesiredState(files: files, units: manifest.services.map(DesiredState.Unit.init)).addingBrought()
    desired.startOrder = manifest.start
    self.desired = desired
    let content = files.map { "\($0.path)\0\($0.state.sha256 ?? "")\0\(FileState.octal($0.state.mode))\0\($0.keep)" }
    identity = ReleaseIdentity(
      version: manifest.version, digest: Digest.bytes(Array(content.sorted().joined(separator: "\n").utf8)))
  }

  private static func desired(_ file: Manifest.File, of unit: String, in folder: String) throws -> DesiredState.File {
    let source = Paths.resolve(file.source, in: folder)
    let found = try FileState.read(source)
    guard found.type == .file else {
      throw Refusal([
        found.exists
          ? "source '\(source)' is a \(found.type.rawValue), not a file"
          : "source '\(source)' of '\(file.target)' does not exist; build it, or correct 'source' in the manifest"
      ])
    }
    var state = file.mode.map(found.settingMode) ?? found
    do {
      state.owner = try Accounts.user(file.owner)
      state.group = try Accounts.group(file.group)
    } catch {
      let key = error.kind == .user ? "owner" : "group"
      throw Refusal(["\(error), or change '\(key)' of '\(file.target)' in the manifest"])
    }
    state.mtime = nil
    var desired = DesiredState.File(
      path: file.target, unit: unit, state: state, origin: source, secret: file.secret, keep: file.keep)
    desired.restarts = file.restartedUnits
    desired.unsafe = file.unsafe
    desired.reload = file.reload
    return desired
  }
}

extension DesiredState {
  /// With the units whose unit file is among the files and that nothing lists: each follows the unit that brings it, and is
  /// up afterwards where it was up before.
  func addingBrought() -> DesiredState {
    var state = self
    for file in files {
      guard let unit = Planner.unit(ofFile: file.path), !state.units.contains(where: { $0.unit == unit }) else {
        continue
      }
      let place = state.units.lastIndex { $0.unit == file.unit }.map { $0 + 1 } ?? state.units.count
      state.units.insert(Unit(unit: unit, target: .asFound, enablement: .asFiles), at: place)
    }
    return state
  }
}
