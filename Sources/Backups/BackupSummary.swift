internal import Basics
package import Deployment

/// What a list shows of a backup.
package struct BackupSummary: Sendable, Hashable {
  /// The manifest's name.
  package var name: String
  /// The release that it holds.
  package var release: ReleaseIdentity?
  package var verified: Bool
  package var reason: String
  /// Files, and their bytes as they were on the host.
  package var files: Int
  package var bytes: Int

  package init(_ record: BackupRecord) {
    name = record.name
    release = record.installed?.release
    verified = record.verified
    reason = record.reason
    files = record.entries.count { $0.state.exists }
    bytes = record.entries.compactMap(\.state.size).saturatedSum
  }

  init(name: String, release: ReleaseIdentity?, verified: Bool, reason: String, files: Int, bytes: Int) {
    self.name = name
    self.release = release
    self.verified = verified
    self.reason = reason
    self.files = files
    self.bytes = bytes
  }
}
