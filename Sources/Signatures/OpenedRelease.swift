internal import Deployment
internal import FileOperations
package import HostState
package import KnownDigests
package import Releases

/// A release as a command uses it: found, unpacked where it is an archive, and where the host asks for it, proved to be
/// what somebody whom the host allows has signed. What is deployed is read from where it was proved.
package struct OpenedRelease {
  package let release: Release
  /// Where its manifest was read, absolute: in the copy that was proved, where there is one.
  package let manifest: String
  /// Who signed it; `nil` where the host does not ask.
  package let signer: String?
  private let remove: () -> Void

  /// Takes away what was unpacked or copied. What is deployed is on the host by then.
  package func close() { remove() }

  /// A release of a host that asks for signatures; `nil` where the host does not ask.
  ///
  /// - Throws: as `init`.
  package static func proved(_ path: String, below state: StateFolder) throws -> OpenedRelease? {
    try HostSigners.ofThisHost() == nil ? nil : OpenedRelease(path, below: state)
  }

  /// - Parameters:
  ///   - path: of a folder, manifest or archive. Where the host asks for signatures, nothing of it is read before its
  ///     signature was proved.
  ///   - below: where root keeps what is unpacked or copied.
  ///   - digests: of files that are not read again; what was signed is.
  /// - Throws: `Refusal`, `ManifestError` or `FileError`; nothing is left then.
  package init(_ path: String, below state: StateFolder, _ digests: KnownDigests = .none) throws {
    let signers = try HostSigners.ofThisHost()
    if ReleaseArchive.isArchive(path) {
      let archive = try ReleaseArchive(unpacking: path, below: state)
      do {
        let folder = try archive.release()
        signer = try signers?.judge(folder, shown: path)
        let file = try ManifestFile(at: folder, archive: path)
        if signers != nil { try Self.check(file, in: folder) }
        (release, manifest) = (try Release(file), file.path)
        try archive.check(release)
      } catch {
        archive.remove()
        throw error
      }
      remove = archive.remove
      return
    }
    guard let signers else {
      let file = try ManifestFile(at: path)
      (release, manifest, signer, remove) = (try Release(file, digests), file.path, nil, {})
      return
    }
    let place = try ManifestFile.place(of: path)
    let folder = Files.parent(of: place)
    guard Caller.isRoot else {
      // Who is not root deploys nothing: it is looked at where it is.
      signer = try signers.judge(folder, shown: folder)
      let file = try ManifestFile(at: place)
      try Self.check(file, in: folder)
      (release, manifest, remove) = (try Release(file), file.path, {})
      return
    }
    let copy = try SignedCopy(of: folder, below: state)
    do {
      signer = try signers.judge(copy.folder, shown: folder)
      let copied = try ManifestFile(at: Paths.join(copy.folder, Paths.name(place)), archive: folder)
      try Self.check(copied, in: copy.folder)
      (release, manifest) = (try Release(copied), copied.path)
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
