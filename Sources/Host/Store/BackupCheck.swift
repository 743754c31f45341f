internal import Deployment
internal import SystemPackage

/// Proves a backup, byte by byte: what `SHA256SUMS` lists is there and as it says, and nothing else is there.
struct BackupCheck {
  let store: BackupStore
  let stamp: Stamp

  /// What is wrong, in words; empty when nothing is.
  func findings() throws -> [String] {
    let folder = store.folder(stamp)
    let sums: [String: String]
    do {
      sums = try Checksums.parse(try Files.read(folder + "/" + Checksums.name))
    } catch {
      return ["\(Checksums.name): \(error)"]
    }
    var findings: [String] = []
    for (path, digest) in sums.sorted(by: { $0.key < $1.key }) {
      do {
        if try Digest.file(folder + "/" + path) != digest {
          findings.append("\(path): its content is not what was saved")
        }
      } catch {
        findings.append("\(path): \(error)")
      }
    }
    let present = Set(try Self.files(below: folder, prefix: ""))
    let unsummed = present.subtracting(sums.keys).subtracting(Self.unlisted)
    for path in unsummed.sorted() where try FileState.peek(folder + "/" + path).type != .symlink {
      findings.append("\(path): it is not part of the backup")
    }
    if findings.isEmpty { findings += try metadata() + links(unsummed) }
    return findings
  }

  /// A state that cannot be put back as it was is damage too: each listed file must be in the store.
  private func metadata() throws -> [String] {
    let record = try store.record(stamp)
    guard record.stamp == stamp else { return ["backup.json: it describes \(record.stamp), not \(stamp)"] }
    guard record.schema == BackupRecord.currentSchema else {
      return ["backup.json: its schema is '\(record.schema)', this qtctl knows '\(BackupRecord.currentSchema)'"]
    }
    return try record.entries.filter { $0.state.type == .file }.compactMap { entry in
      let found = try FileState.peek(store.contents(stamp) + entry.path)
      return found.type == .file && found.size == entry.state.size
        ? nil : "files\(entry.path): it is missing or cut short"
    }
  }

  /// The links that `SHA256SUMS` cannot list, since `sha256sum` follows them: `backup.json` says where each leads.
  private func links(_ present: Set<String>) throws -> [String] {
    let wanted = Dictionary(
      try store.record(stamp).entries.filter { $0.state.type == .symlink }.map { ("files" + $0.path, $0.state.link) }
    ) { first, _ in first }
    return try present.union(wanted.keys).sorted().compactMap { path in
      guard let link = wanted[path] else { return "\(path): it is not part of the backup" }
      let found = try FileState.read(store.folder(stamp) + "/" + path)
      return found.type == .symlink && found.link == link ? nil : "\(path): it does not lead to \(link ?? "?")"
    }
  }

  /// What may come and go in a complete backup.
  private static let unlisted: Set<String> = [Checksums.name, pin]
  /// Its presence keeps a backup whatever retention says.
  static let pin = "pinned"

  private static func files(below folder: String, prefix: String) throws -> [String] {
    try Files.names(in: folder).flatMap { name in
      let path = folder + "/" + name
      return try FileState.peek(path).type == .directory
        ? try files(below: path, prefix: prefix + name + "/") : [prefix + name]
    }
  }
}
