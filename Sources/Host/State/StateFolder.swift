internal import Glibc
internal import SystemPackage

/// qtctl's own folder, `/var/lib/qtctl` unless `$QTCTL_STATE` says otherwise, and the names in it.
public struct StateFolder: Sendable, Hashable {
  public static let defaultPath = "/var/lib/qtctl"

  public var path: String

  public init(path: String = StateFolder.defaultPath) { self.path = path }

  public var lock: String { path + "/lock" }
  /// Empty; its bytes are the places in the line of those who wait for the lock.
  var queue: String { path + "/queue" }
  public var journal: String { path + "/transaction.jsonl" }
  public var history: String { path + "/history.jsonl" }
  public var evidence: String { path + "/evidence" }
  var installed: String { path + "/installed" }

  /// Where a process unpacks a release.
  func unpacked(by pid: Int32) -> String { path + "/" + Self.unpackedPrefix + String(pid) }
  private static let unpackedPrefix = "unpacked-"

  func installed(_ name: String) -> String { installed + "/\(name).json" }
  func contents(_ name: String) -> String { installed + "/\(name)" + Self.contentsSuffix }
  private static let contentsSuffix = ".files"

  /// Makes the folder, for root alone.
  func prepare() throws(FileError) {
    try Files.makeFolders(path, mode: 0o700)
  }

  /// Takes away what a writer that died has left. Only for who holds the lock.
  func sweep() throws(FileError) {
    try Files.sweepStaged(in: path)
    try Files.sweepStaged(in: installed)
    for name in try Files.names(in: installed) where name.hasSuffix(Self.contentsSuffix) {
      try Files.sweepStaged(in: installed + "/" + name)
    }
    try EvidenceStore(self).sweep()
    // A release is unpacked without the lock, so one whose process lives stays.
    for name in try Files.names(in: path) where name.hasPrefix(Self.unpackedPrefix) {
      let pid = Int32(name.dropFirst(Self.unpackedPrefix.count))
      if let pid, kill(pid, 0) == 0 || errno == EPERM { continue }
      try Files.removeTree(path + "/" + name)
    }
  }
}
