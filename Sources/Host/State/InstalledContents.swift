internal import Deployment

/// The small text files that the last transaction left, under their digests, so that drift can be shown line by line.
///
/// Best effort: it never fails, and where a content is missing, drift is told by digests.
struct InstalledContents {
  /// Bytes, of all that is kept for one release.
  private static let most = 16 << 20

  private let folder: String

  init(_ state: StateFolder, name: String) { folder = state.contents(name) }

  /// Where the content of that digest lies, or would.
  func path(_ digest: String) -> String { folder + "/" + digest }

  /// Keeps what stands on the host as the record says, and takes away what it does not name. Secrets are never kept, nor
  /// are the host's own files, which may change.
  func keep(_ record: InstalledRecord?) {
    guard let record else {
      try? Files.removeTree(folder)
      return
    }
    var left = Self.most
    var named: Set<String> = []
    for file in record.files where !file.secret && !file.keep && file.state.type == .file {
      guard let digest = file.state.sha256, let size = file.state.size, size <= min(SmallText.limit, left),
        !named.contains(digest)
      else { continue }
      left -= size
      named.insert(digest)
      if !Files.exists(path(digest)) { add(file, digest) }
    }
    let old = ((try? Files.names(in: folder)) ?? []).filter { !named.contains($0) }
    for name in old { try? Files.removeIfPresent(folder + "/" + name) }
    if !old.isEmpty { try? Files.sync(folder: folder) }
  }

  private func add(_ file: InstalledRecord.File, _ digest: String) {
    guard let bytes = SmallText.read(file.path, as: file.state) else { return }
    do {
      try Files.makeFolders(folder, mode: 0o700)
      try Files.replace(path(digest), with: bytes, mode: 0o600)
    } catch {
      // The next drift of this file is told by digests, which is all that is lost.
      return
    }
  }
}
