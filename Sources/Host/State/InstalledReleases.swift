public import Deployment

/// What the last transaction left, one record for each manifest's name.
public struct InstalledReleases: Sendable {
  private let folder: StateFolder

  public init(_ folder: StateFolder) { self.folder = folder }

  /// The record of that name, or `nil` where qtctl has not deployed it.
  public func record(_ name: String) throws -> InstalledRecord? {
    let path = folder.installed(name)
    do {
      return try Files.readIfPresent(path).map { try JSON.decode(InstalledRecord.self, from: $0, path: path) }
    } catch HostError.unreadable(_, let why) {
      throw HostError.unreadable(
        path: path,
        why: "\(why); a rollback writes it anew: QTCTL_BACKUPS=STORE qtctl rollback STAMP; or move it away and deploy")
    }
  }

  /// The names that there is a record of, readable or not.
  func names() throws -> [String] {
    try Files.names(in: folder.installed).filter { !$0.hasPrefix(".") && $0.hasSuffix(".json") }
      .map { String($0.dropLast(".json".count)) }
  }

  /// Every record, by name.
  public func all() throws -> [InstalledRecord] { try names().compactMap(record) }

  /// Puts the record in place, or takes it away where the host is as if nothing had been deployed.
  func set(_ record: InstalledRecord?, name: String) throws {
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
