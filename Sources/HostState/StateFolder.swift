package import Deployment
package import FileOperations
internal import Glibc
internal import SystemPackage

/// qtctl's own folder, `/var/lib/qtctl` unless `$QTCTL_STATE` says otherwise, and the names in it.
package struct StateFolder: Sendable, Hashable {
  package static let defaultPath = "/var/lib/qtctl"

  package var path: String

  package init(path: String = StateFolder.defaultPath) { self.path = path }

  package var lock: String { path + "/lock" }
  /// Empty; its bytes are the places in the line of those who wait for the lock.
  package var queue: String { path + "/queue" }
  package var journal: String { path + "/transaction.jsonl" }
  package var history: String { path + "/history.jsonl" }
  package var evidence: String { path + "/evidence" }
  /// What each of the latest transactions did.
  package var transactions: String { path + "/transactions" }
  package var installed: String { path + "/installed" }
  /// What is watched, and what the looks have found.
  package var watches: String { path + "/watch" }
  package func watch(_ name: String) -> String { watches + "/\(name).json" }

  /// Releases that came from other machines, by their digest.
  package var received: String { path + "/received" }
  /// Commands that run, or have run, for other machines.
  package var runs: String { path + "/runs" }

  /// Where a process unpacks a release.
  package func unpacked(by pid: Int32) -> String { path + "/" + Self.unpackedPrefix + String(pid) }
  private static let unpackedPrefix = "unpacked-"

  /// Where a process keeps what its preflight executes.
  package func preflight(by pid: Int32) -> String { path + "/" + Self.preflightPrefix + String(pid) }
  private static let preflightPrefix = "preflight-"

  /// A copy of the release's folder, for the `undo` of its migration; it goes with the journal.
  package var migration: String { path + "/migration" }
  /// Where that copy stays once an `undo` has failed for good.
  package func failedUndo(_ stamp: Stamp?) -> String {
    path + "/undo-failed" + (stamp.map { "-\($0)" } ?? "")
  }

  package func installed(_ name: String) -> String { installed + "/\(name).json" }
  package func contents(_ name: String) -> String { installed + "/\(name)" + Self.contentsSuffix }
  private static let contentsSuffix = ".files"

  /// Makes the folder, for root alone.
  ///
  /// - Throws: `Refusal` where others can change it: whoever writes a journal decides what root puts back.
  package func prepare() throws {
    if let fault = PathTrust.root.fault(of: path) {
      throw Refusal([
        "qtctl's state cannot be kept in '\(path)': \(fault); set QTCTL_STATE to a folder that only root can change, or "
          + "run: chown root '\(fault.path)' && chmod go-w '\(fault.path)'"
      ])
    }
    try Files.makeFolders(path, mode: 0o700)
  }

  /// Takes away what a writer that died has left. Only for who holds the lock.
  package func sweep() throws(FileError) {
    try Files.sweepStaged(in: path)
    try Files.sweepStaged(in: installed)
    for name in try Files.names(in: installed) where name.hasSuffix(Self.contentsSuffix) {
      try Files.sweepStaged(in: installed + "/" + name)
    }
    try Files.sweepStaged(in: transactions)
    try EvidenceStore(self).sweep()
    if !Files.exists(journal) { try Files.removeTree(migration) }
    // A release is unpacked without the lock, so one whose process lives stays.
    for prefix in [Self.unpackedPrefix, Self.preflightPrefix] {
      for name in try Files.names(in: path) where name.hasPrefix(prefix) {
        let pid = Int32(name.dropFirst(prefix.count))
        if let pid, kill(pid, 0) == 0 || errno == EPERM { continue }
        if prefix == Self.unpackedPrefix {
          try Files.removeTree(path + "/" + name)
        } else {
          try Files.removeIfPresent(path + "/" + name)
        }
      }
    }
  }
}

/// What the process's environment says: it overrides the manifest.
package struct Environment: Sendable {
  /// `$QTCTL_MANIFEST`.
  package var manifest: String?
  /// `$QTCTL_BACKUPS`, absolute.
  package var backups: String?
  /// `$QTCTL_METRICS`: the path of a file, or `off`.
  package var metrics: String?
  /// `$QTCTL_REDIS`.
  package var redis: String?
  /// `$QTCTL_REDIS_USER`.
  package var redisUser: String?
  /// `$QTCTL_STATE`.
  package var state: StateFolder

  /// - Parameter variables: as a process gets them; an empty one counts as absent.
  package init(_ variables: [String: String]) {
    func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
    func folder(_ name: String) -> String? {
      value(name).map { Paths.resolve($0, in: variables["PWD"] ?? "/") }
    }
    manifest = value("QTCTL_MANIFEST")
    backups = folder("QTCTL_BACKUPS")
    redis = value("QTCTL_REDIS")
    redisUser = value("QTCTL_REDIS_USER")
    metrics = value("QTCTL_METRICS")
    state = StateFolder(path: folder("QTCTL_STATE") ?? StateFolder.defaultPath)
  }

  /// The environment of this process.
  package static var current: Environment {
    var variables: [String: String] = [:]
    for name in [
      "QTCTL_MANIFEST", "QTCTL_BACKUPS", "QTCTL_REDIS", "QTCTL_REDIS_USER", "QTCTL_METRICS", "QTCTL_STATE",
    ] {
      variables[name] = getenv(name).map { String(cString: $0) }
    }
    variables["PWD"] = getcwd(nil, 0).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    return Environment(variables)
  }
}
