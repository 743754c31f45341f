package import Deployment
package import FileOperations

/// Why a transaction was not begun, or could not go on.
package enum TransactionError: CommandError, Hashable {
  case drift([FileDifference])
  /// A transaction was found interrupted and undone, with what was done.
  case recovered(String)
  case unhealthy([CheckResult])
  /// An interrupted transaction was found and could not be undone completely, in sentences; `isLost` where its backup is
  /// damaged or gone, so that only another one can end it.
  case notRecovered(String, isLost: Bool = false)

  package var exitStatus: ExitStatus {
    switch self {
    case .drift: .drift
    case .recovered: .recovered
    case .unhealthy, .notRecovered: .unhealthy
    }
  }

  package var description: String {
    switch self {
    case .drift(let drift):
      "the host is not what the last transaction left; nothing was changed:\n  "
        + drift.map(\.sentence).joined(separator: "\n  ")
        + "\nbring the change into the release, or deploy with --accept-drift (the present state is backed up first)"
    case .recovered(let what):
      "an interrupted transaction was found and undone: \(what); run the command again"
    case .unhealthy(let checks):
      "not healthy: " + checks.map { "\($0.id) \($0.subject): \($0.detail)" }.joined(separator: "; ")
    case .notRecovered(let what, _):
      "an interrupted transaction was found: \(what)"
    }
  }
}
