internal import Basics
package import Deployment
internal import FileOperations
internal import HostState
package import KnownDigests
internal import Glibc
internal import SystemPackage

/// The backups of one folder. A backup is complete under its stamp, or it is not listed.
package struct BackupStore: Sendable, Hashable {
  /// Absolute.
  package let path: String

  package init(path: String) { self.path = path }

  /// The stamps, newest first.
  package func stamps() throws -> [Stamp] {
    try Files.names(in: path).compactMap(Stamp.init).sorted(by: >)
  }

  package func folder(_ stamp: Stamp) -> String { path + "/" + stamp.description }

  /// Where a backup's contents lie, each under its own path.
  package func contents(_ stamp: Stamp) -> String { folder(stamp) + "/files" }

  /// The stamp that a person wrote.
  ///
  /// - Throws: `BackupError.notAStamp` or `.noSuchStamp`.
  package func find(_ text: String) throws -> Stamp {
    guard let stamp = Stamp(text) else { throw BackupError.notAStamp(text) }
    let known = try stamps()
    guard known.contains(stamp) else { throw BackupError.noSuchStamp(text, store: path, known: known) }
    return stamp
  }

  /// A backup's description, as it stands.
  package func record(_ stamp: Stamp) throws -> BackupRecord {
    let file = folder(stamp) + "/backup.json"
    do {
      return try JSON.decodeOnce(BackupRecord.self, from: try Files.read(file), path: file).spelled
    } catch {
      throw BackupError.backupDamaged(stamp, store: path, findings: ["\(error)"])
    }
  }

  /// A backup's description, after every byte of the backup has been proved.
  package func provenRecord(_ stamp: Stamp) throws -> BackupRecord {
    let result = try look(at: stamp, .everyByte)
    guard result.damage.isEmpty, let record = result.record else {
      throw BackupError.backupDamaged(stamp, store: path, findings: result.damage)
    }
    return record
  }

  package func look(at stamp: Stamp, _ depth: BackupCheck.Depth) throws -> BackupCheck.Result {
    try BackupCheck(store: self, stamp: stamp, depth: depth).run()
  }

  /// Proves a backup: every byte, or by a quick look at what is there.
  package func check(_ stamp: Stamp, quick: Bool = false) throws -> CheckResult {
    let begun = ContinuousClock.now
    let depth = quick ? BackupCheck.Depth.quick : .everyByte
    let findings = try look(at: stamp, depth).findings
    let whole = quick ? "every file is there, with its size and metadata" : "every file is as it was saved"
    return CheckResult(
      id: "backup.whole", subject: stamp.description, status: findings.isEmpty ? .pass : .fail,
      detail: findings.isEmpty ? whole : findings.joined(separator: "; "),
      evidence: ["looked at": .string(depth.rawValue), "findings": .array(findings.map(JSONValue.string))],
      seconds: (ContinuousClock.now - begun) / .seconds(1))
  }

  package func isPinned(_ stamp: Stamp) -> Bool { Files.exists(pin(stamp)) }

  /// Keeps a backup whatever retention says, or lets retention decide again.
  package func setPinned(_ pinned: Bool, _ stamp: Stamp) throws {
    // It is there or not, and holds nothing: a file staged beside it would make the backup look damaged.
    if pinned {
      if !isPinned(stamp) { try Files.create(pin(stamp), mode: 0o600) { _ in } }
    } else {
      try Files.removeIfPresent(pin(stamp))
    }
    try Files.sync(folder: folder(stamp))
  }

  private func pin(_ stamp: Stamp) -> String { folder(stamp) + "/" + BackupCheck.pin }

  /// Why nothing can be written to it, in words; `nil` when it can be.
  package func unwritable() -> String? {
    let folder = Paths.deepestFolder(above: path + "/stamp")
    guard access(folder, W_OK) != 0 else { return nil }
    return "the backup store \(path) \(errno == EROFS ? "is read-only" : "cannot be written")"
  }

  /// Removes a backup: first from the list, by a hidden name, then its files.
  package func remove(_ stamp: Stamp) throws {
    let hidden = hiddenFolder(stamp)
    try Files.rename(folder(stamp), to: hidden)
    try Files.removeTree(hidden)
  }

  /// Takes away what writers and removers that died have left under hidden names. Only for who holds the lock.
  package func sweep() throws {
    for name in try Files.names(in: path) where name.hasPrefix(".") && name.hasSuffix(Self.unfinished) {
      try Files.removeTree(path + "/" + name)
    }
  }

  package func hiddenFolder(_ stamp: Stamp) -> String { path + "/.\(stamp)\(Self.unfinished)" }

  private static let unfinished = ".unfinished"
}

extension BackupStore {
  /// What retention says of the backups of one manifest, newest first.
  ///
  /// What cannot be read may be anybody's: it is listed with them and never removed by itself.
  ///
  /// - Parameters:
  ///   - current: the digest of the release that is on the host.
  ///   - incoming: how many newer backups are about to come.
  ///   - known: see `list`.
  package func retention(
    keep: Int, name: String, current: String?, needed: Set<Stamp> = [], incoming: Int = 0,
    known: KnownFolders = .none
  ) throws -> [Retention.Decision] {
    let candidates = try seen(known).filter { $0.summary == nil || $0.summary?.name == name }.map { seen in
      Retention.Candidate(
        stamp: seen.stamp, pinned: seen.pinned, verified: seen.summary?.verified ?? false,
        release: seen.summary?.release?.digest, damage: seen.damage.isEmpty ? nil : seen.damage.joined(separator: "; "))
    }
    return Retention(keep: keep, current: current).decide(candidates, needed: needed, incoming: incoming)
  }

  /// Removes what was decided against.
  package func prune(_ decisions: [Retention.Decision]) throws {
    try sweep()
    for decision in decisions where !decision.keep { try remove(decision.stamp) }
  }
}

extension BackupRecord {
  /// With paths as `FileName` spells them: earlier versions wrote them as they are.
  var spelled: BackupRecord {
    var record = self
    for index in entries.indices { record.entries[index].path = FileName.text(entries[index].path) }
    record.installed = installed?.spelled
    return record
  }
}
