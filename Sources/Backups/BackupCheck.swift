internal import Basics
package import Deployment
internal import EventBus
internal import FileOperations
internal import SystemPackage

/// Looks whether a backup is whole: all that its two descriptions say is there as they say, and nothing else is.
///
/// `backup.json` and `SHA256SUMS` bear each other out, so that neither can be damaged unseen.
package struct BackupCheck: Sendable {
  /// How closely the saved files are looked at.
  package enum Depth: String {
    /// Presence, type, size and metadata; the backup's own files byte by byte.
    case quick
    /// Every byte of every file.
    case everyByte = "every byte"
  }

  /// What was seen.
  package struct Result {
    /// What keeps the backup from being restored, in words.
    package var damage: [String] = []
    /// What is not as it was saved and a rollback sets right by itself; `restore.sh` may not.
    package var blemishes: [String] = []
    /// Its description, where it can be trusted.
    package var record: BackupRecord?

    package var findings: [String] { damage + blemishes }
  }

  package let store: BackupStore
  package let stamp: Stamp
  package let depth: Depth
  private let folder: String

  /// - Parameter folder: where the backup lies, if not under its stamp.
  package init(store: BackupStore, stamp: Stamp, depth: Depth, folder: String? = nil) {
    (self.store, self.stamp, self.depth) = (store, stamp, depth)
    self.folder = folder ?? store.folder(stamp)
  }

  /// - Throws: `FileError` where this user may not look, which says nothing of the backup.
  package func run() throws -> Result {
    var result = Result()
    if !Caller.isRoot { _ = try Files.names(in: folder) }
    do {
      let state = try FileState.peek(folder)
      guard state.type == .directory else { return Result(damage: ["it is not a folder"]) }
      if let mode = state.mode, mode & 0o077 != 0 {
        result.blemishes.append("its folder has mode \(FileState.octal(mode)); run: chmod 700 \(folder)")
      }
      let sums = try sums()
      let description = Swift.Result { try Files.read(folder + "/" + Self.description) }
      for name in Self.own.sorted() {
        let damage = damage(of: name, sums) {
          name == Self.description ? Digest.bytes(try description.get()) : try Digest.file(folder + "/" + name)
        }
        if let damage { result.damage.append(damage) }
      }
      do {
        result.record = try record(try? description.get(), sums)
      } catch {
        result.damage.append("\(Self.description): \(error)")
      }
      let entries = result.record?.entries ?? []
      let judged = Parallel.map(entries.filter { $0.state.type == .file }, with: { LastFolder() }) { last, entry in
        judge(entry, sums, &last)
      }
      result.damage += judged.compactMap(\.damage)
      result.blemishes += judged.compactMap(\.blemish)
      result.damage += entries.filter { $0.state.type == .symlink }.compactMap(damage(ofLink:))
      result.damage += unaccounted(sums, entries)
      result.damage += try strangers(sums, entries)
    } catch {
      result.damage.append("\(error)")
    }
    return result
  }

  private func sums() throws -> [String: String] {
    do {
      return try Checksums.parse(try Files.read(folder + "/" + Checksums.name))
    } catch let error as Checksums.Malformed {
      throw UnreadableRecord(path: folder + "/" + Checksums.name, why: "\(error)")
    }
  }

  /// What is wrong with a file of the backup's own, by its digest.
  private func damage(of name: String, _ sums: [String: String], _ found: () throws -> String) -> String? {
    guard let digest = sums[name] else { return "\(name): \(Checksums.name) does not list it" }
    do {
      return try found() == digest ? nil : "\(name): its content is not what was saved"
    } catch {
      return "\(name): \(error)"
    }
  }

  /// The description, from the very bytes that were proved.
  private func record(_ bytes: [UInt8]?, _ sums: [String: String]) throws -> BackupRecord? {
    let file = folder + "/" + Self.description
    guard let bytes, Digest.bytes(bytes) == sums[Self.description] else { return nil }
    let record = try JSON.decodeOnce(BackupRecord.self, from: bytes, path: file).spelled
    guard record.stamp == stamp else {
      throw UnreadableRecord(path: file, why: "it describes \(record.stamp), not \(stamp)")
    }
    guard record.schema == BackupRecord.currentSchema else {
      throw UnreadableRecord(
        path: file, why: "its schema is '\(record.schema)', this qtctl knows '\(BackupRecord.currentSchema)'")
    }
    return record
  }

  /// What is wrong with a saved file.
  private func judge(
    _ entry: BackupRecord.Entry, _ sums: [String: String], _ last: inout LastFolder
  ) -> (damage: String?, blemish: String?) {
    let name = "files" + entry.path
    guard sums[name] == entry.state.sha256 else {
      return ("\(name): \(Checksums.name) and \(Self.description) differ about it", nil)
    }
    do {
      let file = folder + "/" + name
      var found = try FileState.peek(file, in: &last)
      guard found.type == .file, found.size == entry.state.size else {
        return ("\(name): it is \(found.exists ? "not the file that was saved" : "missing")", nil)
      }
      found.sha256 = depth == .everyByte ? try Digest.file(file) : entry.state.sha256
      guard found.sha256 == entry.state.sha256 else {
        return ("\(name): its content is not what was saved", nil)
      }
      let changes = entry.state.differences(to: found)
      return (nil, changes.isEmpty ? nil : "\(name): \(changes.joined(separator: ", "))")
    } catch {
      return ("\(name): \(error)", nil)
    }
  }

  /// What is wrong with a link. `SHA256SUMS` cannot list it, since `sha256sum` follows it; the description says where it
  /// leads.
  private func damage(ofLink entry: BackupRecord.Entry) -> String? {
    let name = "files" + entry.path
    do {
      let found = try FileState.read(folder + "/" + name)
      return found.type == .symlink && found.link == entry.state.link
        ? nil : "\(name): it does not point to \(entry.state.link ?? "?")"
    } catch {
      return "\(name): \(error)"
    }
  }

  /// What `SHA256SUMS` lists and the description does not: looked at by itself, since one of the two is damaged.
  private func unaccounted(_ sums: [String: String], _ entries: [BackupRecord.Entry]) -> [String] {
    let known = Set(entries.filter { $0.state.type == .file }.map { "files" + $0.path })
    return sums.keys.filter { !known.contains($0) && !Self.own.contains($0) }.sorted().compactMap { name in
      if !entries.isEmpty { return "\(name): \(Self.description) does not name it" }
      if depth == .everyByte { return damage(of: name, sums) { try Digest.file(folder + "/" + name) } }
      return Files.exists(folder + "/" + name) ? nil : "\(name): missing"
    }
  }

  /// What is there and in no list.
  private func strangers(_ sums: [String: String], _ entries: [BackupRecord.Entry]) throws -> [String] {
    let links = Set(entries.filter { $0.state.type == .symlink }.map { "files" + $0.path })
    return try Self.files(below: folder, prefix: "").filter { name in
      sums[name] == nil && !links.contains(name) && !Self.unlisted.contains(name)
    }.sorted().map { "\($0): it is not part of the backup" }
  }

  private static func files(below folder: String, prefix: String) throws -> [String] {
    try Files.entries(in: folder).flatMap { name, isFolder in
      let path = folder + "/" + name
      return try isFolder ?? (FileState.peek(path).type == .directory)
        ? try files(below: path, prefix: prefix + name + "/") : [prefix + name]
    }
  }

  private static let description = "backup.json"
  private static let own: Set<String> = [description, "restore.sh"]
  /// What may come and go in a complete backup.
  private static let unlisted: Set<String> = [Checksums.name, pin]
  /// Its presence keeps a backup whatever retention says.
  package static let pin = "pinned"
}
