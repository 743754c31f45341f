internal import Basics
package import Deployment
internal import FileOperations

/// What the last transaction left, one record for each manifest's name.
package struct InstalledReleases: Sendable {
  private let folder: StateFolder

  package init(_ folder: StateFolder) { self.folder = folder }

  /// The record of that name, or `nil` where qtctl has not deployed it.
  package func record(_ name: String) throws -> InstalledRecord? {
    let path = folder.installed(name)
    do {
      guard let bytes = try Files.readIfPresent(path) else { return nil }
      return try JSON.decodeOnce(InstalledRecord.self, from: bytes, path: path).spelled
    } catch let error as UnreadableRecord {
      throw UnreadableRecord(
        path: path,
        why:
          "\(error.why); rewrite it with 'QTCTL_BACKUPS=STORE qtctl rollback STAMP', or move it away and deploy"
      )
    }
  }

  /// The names that there is a record of, readable or not.
  package func names() throws -> [String] {
    try Files.names(in: folder.installed).filter { !$0.hasPrefix(".") && $0.hasSuffix(".json") }
      .map { String($0.dropLast(".json".count)) }
  }

  /// The records of other manifests than that one.
  package func others(than name: String) throws -> [InstalledRecord] {
    // Its own is not read: it may be of tens of thousands of files.
    try names().filter { $0 != name }.compactMap(record).filter { $0.name != name }
  }

  /// Every record, by name.
  package func all() throws -> [InstalledRecord] { try names().compactMap(record) }

  /// Puts the record in place, or takes it away where the host is as if nothing had been deployed.
  package func set(_ record: InstalledRecord?, name: String) throws {
    let path = folder.installed(name)
    guard let record else {
      guard Files.exists(path) else { return }
      try Files.removeIfPresent(path)
      try Files.syncFolder(of: path)
      return
    }
    try Files.makeFolders(folder.installed, mode: 0o700)
    try Files.replace(path, with: try JSON.page(record), mode: 0o600)
  }
}

/// The small text files that the last transaction left, under their digests, so that drift can be shown line by line.
///
/// Best effort: it never fails, and where a content is missing, drift is told by digests.
package struct InstalledContents {
  /// Bytes, of all that is kept for one release.
  private static let most = 16 << 20

  private let folder: String

  package init(_ state: StateFolder, name: String) { folder = state.contents(name) }

  /// Where the content of that digest lies, or would.
  package func path(_ digest: String) -> String { folder + "/" + digest }

  /// Keeps what stands on the host as the record says, and takes away what it does not name. Secrets are never kept, nor
  /// are the host's own files, which may change, nor files of trees, of which there are too many.
  package func keep(_ record: InstalledRecord?) {
    guard let record else {
      try? Files.removeTree(folder)
      return
    }
    var left = Self.most
    var named: Set<String> = []
    for file in record.files where !file.secret && !file.keep && file.tree == nil && file.state.type == .file {
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

extension InstalledRecord {
  /// With paths as `FileName` spells them: earlier versions wrote them as they are.
  package var spelled: InstalledRecord {
    var record = self
    for index in files.indices { record.files[index].path = FileName.text(files[index].path) }
    return record
  }
}
