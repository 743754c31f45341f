public import Deployment

/// How a transaction ended, with all that is reported of it.
public struct TransactionResult: Sendable {
  public var outcome: Outcome
  public var exit: ExitStatus
  /// The backup that was taken before.
  public var stamp: Stamp?
  /// What happened and, where something is left to do, what to do next; in sentences.
  public var message: String
  public var steps: [StepResult]
  public var checks: [CheckResult]
  /// Whether the backup that had to be put back is damaged or gone: only another one can end the transaction.
  var isLost = false
}
