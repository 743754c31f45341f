internal import SystemPackage

/// qtctl's own folder, `/var/lib/qtctl` unless `$QTCTL_STATE` says otherwise, and the names in it.
public struct StateFolder: Sendable, Hashable {
  public static let defaultPath = "/var/lib/qtctl"

  public var path: String

  public init(path: String = StateFolder.defaultPath) { self.path = path }

  public var lock: String { path + "/lock" }
  public var journal: String { path + "/transaction.jsonl" }
  public var history: String { path + "/history.jsonl" }
  var installed: String { path + "/installed" }

  func installed(_ name: String) -> String { installed + "/\(name).json" }

  /// Makes the folder, for root alone.
  func prepare() throws(FileError) {
    try Files.makeFolders(path, mode: 0o700)
  }
}
