internal import Deployment
internal import FileOperations
package import HostState
package import KnownDigests
package import Releases

/// A release as a command uses it: found, unpacked where it is an archive, and where the host asks for it, proved to be
/// what somebody whom the host allows has signed. What is deployed is read from where it was proved.
package struct OpenedRelease {
  package let release: Release
  /// Who signed it; `nil` where the host does not ask.
  package let signer: String?
  private let remove: () -> Void

  /// Takes away what was unpacked or copied. What is deployed is on the host by then.
  package func close() { remove() }

  /// - Parameters:
  ///   - path: of a folder, manifest or archive.
  ///   - found: the manifest to take where no path is given.
  ///   - below: where root keeps what is unpacked or copied.
  ///   - digests: of files that are not read again; what was signed is.
  /// - Throws: `Refusal`, `ManifestError` or `FileError`; nothing is left then.
  package init(
    _ path: String?, found: () throws -> ManifestFile, below state: StateFolder, _ digests: KnownDigests = .none
  ) throws {
    let signers = try HostSigners.ofThisHost()
    if let path, ReleaseArchive.isArchive(path) {
      let archive = try ReleaseArchive(unpacking: path, below: state)
      do {
        let folder = try archive.release()
        signer = try signers?.judge(folder, shown: path)
        let file = try ManifestFile(at: folder, archive: path)
        if signers != nil { try Self.check(file, in: folder) }
        release = try Release(file)
        try archive.check(release)
      } catch {
        archive.remove()
        throw error
      }
      remove = archive.remove
      return
    }
    let file = try path.map { try ManifestFile(at: $0) } ?? found()
    guard let signers else {
      (release, signer, remove) = (try Release(file, digests), nil, {})
      return
    }
    guard Caller.isRoot else {
      // Who is not root deploys nothing: it is looked at where it is.
      signer = try signers.judge(file.folder, shown: file.folder)
      try Self.check(file, in: file.folder)
      (release, remove) = (try Release(file), {})
      return
    }
    let copy = try SignedCopy(of: file.folder, below: state)
    do {
      signer = try signers.judge(copy.folder, shown: file.folder)
      let copied = try ManifestFile(at: Paths.join(copy.folder, Paths.name(file.path)), archive: file.folder)
      try Self.check(copied, in: copy.folder)
      release = try Release(copied)
    } catch {
      copy.remove()
      throw error
    }
    remove = copy.remove
  }

  /// Refuses a manifest or a source that is not part of what was signed.
  static func check(_ file: ManifestFile, in folder: String) throws {
    let root = Paths.of(folder) ?? folder
    guard file.folder == root else {
      throw Refusal(["the manifest '\(Paths.name(file.path))' is a symlink; a release that is signed holds its own"])
    }
    let manifest = file.manifest
    let sources = (manifest.files + manifest.services.flatMap(\.files)).filter { $0.link == nil }.map(\.source)
    let faults = sources.filter { source in
      let place = Paths.resolve(source, in: root)
      guard place != root else { return false }
      guard place.hasPrefix(root + "/") else { return true }
      let above = Files.parent(of: place)
      return Paths.of(above) != above && Files.exists(place)
    }
    guard faults.isEmpty else {
      throw Refusal(
        faults.prefix(10).map {
          "source '\($0)' is outside of the release's folder or behind a symlink, so that no signature covers it; put it "
            + "into the folder"
        })
    }
  }
}
