package import Backups
internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
internal import Releases

/// What an exported backup is made of: a `.tar.zst` with an empty file that names the format, and the backup's folder as it
/// lies in the store, so that a person can unpack it with tar and run its `restore.sh`.
package enum ExportedBackup {
  /// The first member; a newer format has a higher number.
  static let mark = "qtctl-export-"
  static let version = 1
  static let script = "restore.sh"
  /// In place of a file: standard output.
  package static let standardOutput = "-"

  /// Writes a backup into one archive, after every byte of it was proved.
  ///
  /// - Parameters:
  ///   - path: a file that does not exist yet, made with mode 0600; `-` for standard output.
  /// - Throws: `BackupError`, `Refusal` or `FileError`; no file is left then.
  package static func write(_ stamp: Stamp, of store: BackupStore, to path: String) throws -> BackupRecord {
    let record = try store.provenRecord(stamp)
    if path == standardOutput {
      guard isatty(STDOUT_FILENO) == 0 else {
        throw Refusal(["an archive is not written to a terminal; name a file, or use a pipe"])
      }
      try write(record, of: store, to: STDOUT_FILENO, path: "standard output")
      return record
    }
    guard !path.isEmpty else { throw Refusal(["the archive's name is empty; name a file, such as backup.tar.zst"]) }
    guard !Files.exists(path) else { throw Refusal(["'\(path)' exists; remove it, or choose another name"]) }
    let folder = Files.parent(of: path).isEmpty ? "." : Files.parent(of: path)
    guard try FileState.peek(Paths.of(folder) ?? folder).type == .directory else {
      throw Refusal(["the folder '\(folder)' does not exist; make it, or choose another place"])
    }
    try NewFile.write(path, in: folder) { try write(record, of: store, to: $0, path: path) }
    return record
  }

  private static func write(_ record: BackupRecord, of store: BackupStore, to file: Int32, path: String) throws {
    let names = record.entries.flatMap { [$0.path, $0.state.link ?? ""] }
    let writer = try ArchiveWriter(file, path: path, asBytes: !names.allSatisfy(FileName.isAsItIs))
    let top = record.stamp.description
    try writer.addMark(mark + String(version))
    try writer.addFolder(top)
    // What an import would refuse is not exported either.
    var judge = ArchiveJudge(isBackup: true)
    func add(_ name: String, _ state: FileState) throws {
      let kind: ArchiveMember.Kind = state.type == .symlink ? .symlink(state.link) : .file
      let member = ArchiveMember(kind, top + "/" + name, mode: state.mode ?? 0, size: state.size ?? 0)
      try judge.judge(member, isStrict: true)
      let location = try FileLocation(own: store.folder(record.stamp) + "/" + name)
      if state.type == .symlink {
        try writer.addLink(top + "/" + name, state)
      } else {
        try writer.addFile(top + "/" + name, state, from: location)
      }
    }
    for name in ["backup.json", Checksums.name, script] {
      try add(name, FileState.peek(store.folder(record.stamp) + "/" + name))
    }
    for entry in record.entries where entry.state.type == .file || entry.state.type == .symlink {
      try add("files" + entry.path, entry.state)
    }
    try judge.end()
    try writer.close()
  }
}

extension ExportedBackup {
  /// What was done, and what that means.
  package static func message(_ record: BackupRecord, _ path: String) -> String {
    let count = record.entries.count { $0.state.exists }
    let place = path == standardOutput ? "standard output" : "'\(path)'"
    let rights =
      path == standardOutput
      ? "keep it where only root can read it" : "only its owner can read it (mode 0600); keep that so"
    return
      "exported backup \(record.stamp) of \(record.name), \(count) files, to \(place); it holds secrets in plain text: "
      + rights
  }
}
