public import Deployment

/// Why a command of the host's could not do what it was asked. Each says what, where and what to do next.
public enum HostError: Error, Sendable, Hashable {
  /// The store has no such backup; the stamps that it has, newest first.
  case noSuchStamp(String, store: String, known: [Stamp])
  case notAStamp(String)
  case noVerifiedBackup(store: String, known: [Stamp])
  case locked(LockHolder?, path: String)
  case backupDamaged(Stamp, store: String, findings: [String])
  case drift([FileDifference])
  /// Preflight or manifest: every finding, so that one look mends all.
  case refused([String])
  case contentChanged(path: String)
  /// A record of qtctl's own that cannot be read.
  case unreadable(path: String, why: String)
  /// A transaction was found interrupted and undone, with what was done.
  case recovered(String)
  case notReady(unit: String, why: String)
  case stillRunning([String])
  case unhealthy([CheckResult])
  case deadline(String)
  /// The signal's name. Thrown on only while nothing was touched.
  case interrupted(String)
  /// An interrupted transaction was found and could not be undone wholly, in sentences; `isLost` where its backup is
  /// damaged or gone, so that only another one can end it.
  case notRecovered(String, isLost: Bool = false)
}

extension HostError {
  public var exitStatus: ExitStatus {
    switch self {
    case .noSuchStamp, .notAStamp, .noVerifiedBackup: .noSuchStamp
    case .locked: .locked
    case .backupDamaged: .backupDamaged
    case .drift: .drift
    // Nothing was changed, as when preflight refuses.
    case .refused, .interrupted: .refused
    case .recovered: .recovered
    case .contentChanged, .unreadable: .internalError
    case .notReady, .stillRunning, .unhealthy, .deadline, .notRecovered: .unhealthy
    }
  }
}

extension HostError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSuchStamp(let text, let store, let known):
      "no backup '\(text)' in \(store); \(Self.choice(known))"
    case .notAStamp(let text):
      "'\(text)' is not a stamp: a stamp is YYYYMMDD_HHMMSS, such as 20260131_235959; list them with 'qtctl backups list'"
    case .noVerifiedBackup(let store, let known):
      "no backup in \(store) holds a verified state that differs from what runs; name one: \(Self.choice(known))"
    case .locked(let holder, let path):
      "another transaction holds the lock \(path): \(holder.map(String.init(describing:)) ?? "its holder has just begun")"
        + "; run this again when it has ended (deploy, rollback, backup and recover can wait: --wait 60s)"
    case .backupDamaged(let stamp, let store, let findings):
      "backup \(stamp) in \(store) is damaged and nothing was changed:\n  "
        + findings.joined(separator: "\n  ") + "\nrestore another one: qtctl backups list"
    case .drift(let drift):
      "the host is not what the last transaction left, and nothing was changed:\n  "
        + drift.map(\.sentence).joined(separator: "\n  ")
        + "\nbring the change into the release, or deploy with --accept-drift (the present state is backed up first)"
    case .refused(let findings):
      findings.joined(separator: "\n")
    case .contentChanged(let path):
      "'\(path)' changed while it was being read; run the command again"
    case .unreadable(let path, let why):
      "cannot read '\(path)': \(why)"
    case .recovered(let what):
      "an interrupted transaction was found and undone: \(what); run the command again"
    case .notReady(let unit, let why):
      "\(unit) did not become ready: \(why); see: qtctl logs \(unit)"
    case .stillRunning(let units):
      "\(units.joined(separator: ", ")) still running after SIGKILL; look for processes in uninterruptible sleep"
    case .unhealthy(let checks):
      "not healthy: " + checks.map { "\($0.id) \($0.subject): \($0.detail)" }.joined(separator: "; ")
    case .interrupted(let signal):
      "interrupted by \(signal)"
    case .notRecovered(let what, _):
      "an interrupted transaction was found: \(what)"
    case .deadline(let what):
      "the deadline passed \(what)"
    }
  }

  /// What is wrong with a backup, on one line; `nil` for any other error.
  public var findings: String? {
    if case .backupDamaged(_, _, let findings) = self { findings.joined(separator: "; ") } else { nil }
  }

  private static func choice(_ known: [Stamp]) -> String {
    known.isEmpty
      ? "the store holds no backup"
      : "there are " + known.prefix(5).map(String.init(describing:)).joined(separator: ", ")
        + (known.count > 5 ? " and \(known.count - 5) older ones" : "")
  }
}
