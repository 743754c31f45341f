internal import Basics
package import Deployment
internal import FileOperations
package import KnownDigests

extension BackupStore {
  package typealias Listed = (stamp: Stamp, summary: Result<BackupSummary, any Error>, pinned: Bool)

  /// Every backup, newest first; one that a quick look finds damaged is listed by what is wrong with it.
  ///
  /// - Parameter known: where it is kept what was seen: a backup in which nothing has changed since is not looked at again.
  package func list(_ known: KnownFolders = .none) throws -> [Listed] {
    try seen(known).map { seen in
      guard seen.damage.isEmpty, let summary = seen.summary else {
        let damage = BackupError.backupDamaged(seen.stamp, store: path, findings: seen.damage)
        return (seen.stamp, .failure(damage), seen.pinned)
      }
      return (seen.stamp, .success(summary), seen.pinned)
    }
  }

  struct Seen: Sendable {
    var stamp: Stamp
    /// `nil` where its description cannot be read.
    var summary: BackupSummary?
    var damage: [String] = []
    var pinned: Bool
    /// What is to be kept; `nil` for what is damaged, or may change unseen.
    var entry: BackupIndex.Entry?
    var isKnown = false
  }

  /// What a quick look sees of every backup, newest first.
  ///
  /// - Parameter known: see `list`.
  func seen(_ known: KnownFolders) throws -> [Seen] {
    let stamps = try stamps()
    guard known.keepsAnything, !stamps.isEmpty, let folder = try? Folder.own(path), folder.showsEveryChange,
      let place = FolderPicture(of: folder)?.place
    else { return try Parallel.map(stamps) { try look(at: $0, nil) }.compactMap(\.self) }
    let index = known.kept(of: place).flatMap(BackupIndex.init) ?? BackupIndex()
    let all = try Parallel.map(stamps, with: FolderPicture.Buffer.init) { buffer, stamp -> Seen? in
      if let entry = index.entries[stamp],
        FolderPicture(of: stamp.description, in: folder, entry.names, &buffer)?.digest == entry.picture
      {
        return Seen(stamp: stamp, summary: entry.summary, pinned: entry.pinned, entry: entry, isKnown: true)
      }
      return try look(at: stamp, folder)
    }.compactMap(\.self)
    let entries = all.compactMap { seen in seen.entry.map { (seen.stamp, $0) } }
    // Written only where it would be another one.
    if entries.count != index.entries.count || all.contains(where: { $0.entry != nil && !$0.isKnown }) {
      known.keep(BackupIndex(Dictionary(entries) { first, _ in first }).bytes, of: place)
    }
    return all
  }

  /// - Parameter folder: of the store, where what is seen may be kept.
  /// - Returns: `nil` where it was removed meanwhile.
  private func look(at stamp: Stamp, _ folder: Folder?) throws -> Seen? {
    let watch = folder.flatMap { try? Watch(self, stamp, $0) }
    let result = try look(at: stamp, .quick)
    let record = result.record ?? (try? record(stamp))
    var seen = Seen(
      stamp: stamp, summary: record.map(BackupSummary.init), damage: result.damage, pinned: isPinned(stamp))
    if !result.damage.isEmpty { return Files.exists(self.folder(stamp)) ? seen : nil }
    if let summary = seen.summary, let watch, watch.sawNoChange() {
      seen.entry = BackupIndex.Entry(
        names: watch.names, picture: watch.picture.digest, summary: summary, pinned: seen.pinned)
    }
    return seen
  }

  /// Sees whether a backup stays as it is while it is looked at, and whether every change afterwards will show.
  private struct Watch {
    let names: FolderNames
    let picture: FolderPicture
    private let stamp: Stamp
    private let folder: Folder

    /// - Throws: where a change could stay unseen.
    init(_ store: BackupStore, _ stamp: Stamp, _ folder: Folder) throws {
      // Whoever changes something after this moment sets a later time.
      let now = FileFacts.Moment.now
      let path = store.folder(stamp)
      names = try FolderNames(in: path) { !$0.contains("/") }
      var buffer = FolderPicture.Buffer()
      guard let picture = FolderPicture(of: stamp.description, in: folder, names, &buffer),
        KnownFolders.isSettled(picture.latest, since: now),
        try Folder.own(path).showsEveryChange
      else { throw Unsettled() }
      let own = try Files.entries(in: path).filter { $0.isFolder != true }.map(\.name)
      for name in own {
        guard try FileLocation(own: path + "/" + name).hasNoWriter else { throw Unsettled() }
      }
      (self.picture, self.stamp, self.folder) = (picture, stamp, folder)
    }

    func sawNoChange() -> Bool {
      var buffer = FolderPicture.Buffer()
      return FolderPicture(of: stamp.description, in: folder, names, &buffer)?.digest == picture.digest
    }

    private struct Unsettled: Error {}
  }
}
