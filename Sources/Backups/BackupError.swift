package import Deployment

/// A backup cannot be found or used.
package enum BackupError: CommandError, Hashable {
  /// The store has no such backup; the stamps that it has, newest first.
  case noSuchStamp(String, store: String, known: [Stamp])
  case notAStamp(String)
  case noVerifiedBackup(store: String, candidates: [Candidate])
  case backupDamaged(Stamp, store: String, findings: [String])

  /// A backup that a person may choose.
  package struct Candidate: Sendable, Hashable, CustomStringConvertible {
    let stamp: Stamp
    let holds: String

    /// - Parameter record: `nil` where it cannot be read.
    package init(_ stamp: Stamp, _ record: BackupRecord?) {
      self.stamp = stamp
      holds =
        record.map { record in
          record.installed.map { "release \($0.release)" + (record.verified ? "" : ", not verified") }
            ?? "the state before qtctl's first deploy: restoring it removes the services that qtctl installed"
        } ?? "it cannot be read"
    }

    package var description: String { "\(stamp)  \(holds)" }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .noSuchStamp, .notAStamp, .noVerifiedBackup: .noSuchStamp
    case .backupDamaged: .backupDamaged
    }
  }

  package var description: String {
    switch self {
    case .noSuchStamp(let text, let store, let known):
      "backup '\(text)' does not exist in '\(store)'; \(Self.choice(known))"
    case .notAStamp(let text):
      "'\(text)' is not a stamp; a stamp is YYYYMMDD_HHMMSS, such as 20260131_235959; see 'qtctl backups list'"
    case .noVerifiedBackup(let store, let candidates):
      "no backup in '\(store)' holds an earlier verified state than what runs; "
        + (candidates.isEmpty
          ? "the store has no backups"
          : "to go back all the same, name one with 'qtctl rollback STAMP':\n  "
            + candidates.prefix(5).map(\.description).joined(separator: "\n  ")
            + (candidates.count > 5 ? "\nand \(candidates.count - 5) older ones: qtctl backups list" : ""))
    case .backupDamaged(let stamp, let store, let findings):
      "backup \(stamp) in '\(store)' is damaged; nothing was changed:\n  "
        + findings.joined(separator: "\n  ") + "\nrestore another one; see 'qtctl backups list'"
    }
  }

  /// What is wrong with a damaged backup, on one line; `nil` for any other error.
  package var findings: String? {
    if case .backupDamaged(_, _, let findings) = self { findings.joined(separator: "; ") } else { nil }
  }

  private static func choice(_ known: [Stamp]) -> String {
    known.isEmpty
      ? "the store has no backups"
      : "the newest are " + known.prefix(5).map(String.init(describing:)).joined(separator: ", ")
        + (known.count > 5 ? " and \(known.count - 5) older" : "")
  }
}
