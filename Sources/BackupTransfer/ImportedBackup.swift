package import Backups
internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
internal import Releases
internal import SystemPackage

/// A backup in an archive that `ExportedBackup` wrote, perhaps on another host, perhaps changed since: nothing of it is
/// listed before all of it was proved.
package final class ImportedBackup {
  private static let deadline = Duration.seconds(1800)

  package let stamp: Stamp
  private let path: String
  private let file: Int32
  private let facts: [Int]
  private let judged: ArchiveJudge

  /// Looks at the archive's members; nothing is unpacked.
  ///
  /// - Parameter now: whole seconds since 1970.
  /// - Throws: `Refusal` for what is no exported backup, one that others than root and the caller could have changed, or
  ///   one of a newer format.
  package init(_ path: String, now: Int) throws {
    self.path = path
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw Refusal([
        "'\(path)' cannot be read: \(Errno(rawValue: errno)); name an archive that 'qtctl backups export' wrote"
      ])
    }
    do {
      facts = try ReleaseArchive.look(at: file, path)
      var top: String?
      judged = try Self.read(file, path) { member, _ in
        guard let place = try Self.place(of: member, top, path) else { return }
        if top == nil { top = place.top }
      }
      guard let top, let stamp = Stamp(top) else {
        throw Refusal(["'\(path)' holds no backup; an archive that 'qtctl backups export' wrote is needed"])
      }
      try Self.judge(stamp, path, now: now)
      self.stamp = stamp
    } catch {
      close(file)
      throw error
    }
    self.file = file
  }

  deinit { close(file) }

  /// Stamps only grow, so that one of the future would be in all that are made until then.
  private static func judge(_ stamp: Stamp, _ path: String, now: Int) throws {
    let ahead = stamp.seconds - now  // trap: both are of four-digit years
    guard ahead > mostAhead else { return }
    throw Refusal([
      "'\(path)' holds the backup \(stamp), which was taken \(ahead / 86_400) days after now, as this host's clock has it; "
        + "set the clock right, or export the backup again from where it was made"
    ])
  }

  /// In seconds: clocks of two hosts differ.
  private static let mostAhead = 86_400

  /// Unpacks the backup beside the others, proves every byte, and lists it. Only for who holds the lock.
  ///
  /// - Throws: `Refusal`, `BackupError.backupDamaged` or `FileError`; nothing is left then.
  package func receive(in store: BackupStore) throws -> BackupRecord {
    try Files.makeFolders(store.path, mode: 0o700)
    guard !Files.exists(store.folder(stamp)) else {
      throw Refusal(["backup \(stamp) is in '\(store.path)' already; see 'qtctl backups show \(stamp)'"])
    }
    if let shortage = try Filesystem(holding: store.path).shortage(bytes: judged.bytes, files: judged.count) {
      throw Refusal(["not enough disk space for the backup: \(shortage)"])
    }
    try store.sweep()
    let hidden = store.hiddenFolder(stamp)
    do {
      try Files.makeFolders(hidden, mode: 0o700)
      let record = try unpack(to: hidden, store)
      try Folder.own(hidden).syncFilesystem()
      try Files.rename(hidden, to: store.folder(stamp))
      return record
    } catch {
      try? Files.removeTree(hidden)
      throw error
    }
  }

  private func unpack(to hidden: String, _ store: BackupStore) throws -> BackupRecord {
    var kinds: [String: FileState.Kind] = [:]
    _ = try Self.read(file, path) { member, reader in
      guard let place = try Self.place(of: member, stamp.description, path), !place.rest.isEmpty else { return }
      kinds[place.rest] = try Self.unpack(member, reader, to: hidden, place.rest)
    }
    guard try ReleaseArchive.look(at: file, path) == facts else {
      throw Refusal(["'\(path)' changed while it was being read; run the command again"])
    }
    let result = try BackupCheck(store: store, stamp: stamp, depth: .everyByte, folder: hidden).run()
    guard result.damage.isEmpty, let record = result.record else {
      throw BackupError.backupDamaged(stamp, store: path, findings: result.damage)
    }
    // What the description says of a file holds for one that was in the archive, never for what a link leads to.
    // A folder is in its description alone.
    for entry in record.entries where entry.state.type == .file || entry.state.type == .symlink {
      let name = "files" + entry.path
      guard entry.path.hasPrefix("/"), Paths.resolve(entry.path, in: "/") == entry.path, kinds[name] == entry.state.type
      else {
        throw BackupError.backupDamaged(stamp, store: path, findings: ["\(entry.path): it is not in the archive"])
      }
      try FileCopy.setMetadata(entry.state, of: FileLocation(own: hidden + "/" + name))
    }
    return record
  }

  /// Reads all members, each judged before it is handed over.
  private static func read(
    _ file: Int32, _ path: String, _ take: (ArchiveMember, ArchiveReader) throws -> Void
  ) throws -> ArchiveJudge {
    let reader = try ArchiveReader(file, path: path, deadline: .now + deadline)
    var judge = ArchiveJudge(isBackup: true)
    while let member = try reader.next() {
      if judge.count == 0 { try checkMark(member, path) }
      try judge.judge(member, isStrict: true)
      try take(member, reader)
    }
    try judge.end()
    return judge
  }

  private static func checkMark(_ member: ArchiveMember, _ path: String) throws {
    guard let name = member.name, name.hasPrefix(ExportedBackup.mark) else {
      throw Refusal([
        "'\(path)' was not written by 'qtctl backups export'; a release is deployed with: qtctl deploy FILE"
      ])
    }
    guard name == ExportedBackup.mark + String(ExportedBackup.version) else {
      throw Refusal([
        "'\(path)' has the format '\(name)', this qtctl knows '\(ExportedBackup.mark)\(ExportedBackup.version)'; upgrade qtctl"
      ])
    }
  }

  /// The folder at the top in which a member lies, and its path below it; `nil` for the mark.
  private static func place(
    of member: ArchiveMember, _ top: String?, _ path: String
  ) throws -> (top: String, rest: String)? {
    let components = ArchiveJudge.components(member.name ?? "")
    guard let first = components.first, !first.hasPrefix(ExportedBackup.mark) else { return nil }
    guard first == top ?? first else {
      throw Refusal(["'\(path)' holds '\(first)' beside the backup '\(top ?? "")'; export the backup again"])
    }
    return (first, components.dropFirst().joined(separator: "/"))
  }

  /// - Returns: what was made.
  private static func unpack(
    _ member: ArchiveMember, _ reader: ArchiveReader, to hidden: String, _ name: String
  ) throws -> FileState.Kind {
    let place = hidden + "/" + name
    if member.kind == .folder {
      try Files.makeFolders(place, mode: 0o700)
      return .directory
    }
    try Files.makeFolders(Files.parent(of: place), mode: 0o700)
    if case .symlink(.some(let target)) = member.kind {
      try Files.check("make symlink", place) { Int(symlink(FileName.cString(target), FileName.cString(place))) }
      return .symlink
    }
    guard let size = member.size else { return .other }
    let mode: UInt32 = name == ExportedBackup.script ? 0o700 : 0o600
    try FileLocation(own: place).create(mode: mode, syncs: false) { try reader.write(to: $0, size: size) }
    return .file
  }
}
