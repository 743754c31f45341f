/// The exit statuses of qtctl; part of the contract.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  case internalError = 1
  case noSuchStamp = 10
  case locked = 11
  case backupDamaged = 12
  case drift = 13
  case refused = 14
  case rolledBack = 20
  case unhealthy = 21
  case recovered = 22
  case checkFailed = 30
  case usage = 64

  /// What the status means, as the help and the README say it.
  public var meaning: String {
    switch self {
    case .done: "done, and verified where the command verifies"
    case .internalError: "an error of qtctl's own"
    case .noSuchStamp: "no such stamp"
    case .locked: "another transaction holds the lock"
    case .backupDamaged: "a backup is damaged; nothing was changed"
    case .drift: "drift: a file is not what the last transaction left; nothing was changed"
    case .refused: "preflight or manifest refused; nothing was changed"
    case .rolledBack: "it failed or was interrupted; the host is back on what was before, verified healthy"
    case .unhealthy: "the deploy or rollback failed; the host is not verified healthy"
    case .recovered: "an interrupted transaction was found and undone; run the command again"
    case .checkFailed: "verify: a check failed"
    case .usage: "usage"
    }
  }
}
