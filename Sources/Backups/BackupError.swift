package import Deployment

/// A backup cannot be found or used.
package enum BackupError: CommandError, Hashable {
  /// The store has no such backup; the stamps that it has, newest first.
  case noSuchStamp(String, store: String, known: [Stamp])
  case notAStamp(String)
  case noVerifiedBackup(store: String, known: [Stamp])
  case backupDamaged(Stamp, store: String, findings: [String])

  package var exitStatus: ExitStatus {
    switch self {
    case .noSuchStamp, .notAStamp, .noVerifiedBackup: .noSuchStamp
    case .backupDamaged: .backupDamaged
    }
  }

  package var description: String {
    switch self {
    case .noSuchStamp(let text, let store, let known):
      "there is no backup '\(text)' in '\(store)'; \(Self.choice(known))"
    case .notAStamp(let text):
      "'\(text)' is not a stamp; a stamp is YYYYMMDD_HHMMSS, such as 20260131_235959: list them with 'qtctl backups list'"
    case .noVerifiedBackup(let store, let known):
      "no backup in '\(store)' holds a verified state that differs from what runs; name one: \(Self.choice(known))"
    case .backupDamaged(let stamp, let store, let findings):
      "backup \(stamp) in '\(store)' is damaged; nothing was changed:\n  "
        + findings.joined(separator: "\n  ") + "\nrestore another one: qtctl backups list"
    }
  }

  /// What is wrong with a damaged backup, on one line; `nil` for any other error.
  package var findings: String? {
    if case .backupDamaged(_, _, let findings) = self { findings.joined(separator: "; ") } else { nil }
  }

  private static func choice(_ known: [Stamp]) -> String {
    known.isEmpty
      ? "the store holds no backup"
      : "there are " + known.prefix(5).map(String.init(describing:)).joined(separator: ", ")
        + (known.count > 5 ? " and \(known.count - 5) older ones" : "")
  }
}
