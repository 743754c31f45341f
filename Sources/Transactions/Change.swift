internal import Commit
internal import Backups
internal import Deployment
internal import HostState
internal import Preflight

/// What a transaction is to do, with all that is known before it touches anything: a deploy (`DeployPlan`), a rollback
/// (`RollbackPlan`) or a backup (`BackupPlan`). `TransactionProcedure` carries it out.
protocol Change {
  /// What making the plan is called in the list of steps.
  static var planning: String { get }
  /// The plan in a line.
  var remark: String { get }
  var plan: Plan { get }
  var inventory: Inventory { get }
  var store: BackupStore { get }
  /// What the last transaction left; `nil` where there was none.
  var installed: InstalledRecord? { get }
  /// What is saved before anything is touched.
  var subject: BackupSubject { get }
  /// Whether a backup is taken even where the plan is empty.
  var alwaysBacksUp: Bool { get }
  /// Whether the checks are run.
  var verifies: Bool { get }
  /// The hooks that it runs; `nil`: none.
  var hooks: ReleaseHooks? { get }
  /// Whether a failure is undone.
  var undoes: Bool { get }

  func begin(_ context: HostContext) -> TransactionJournal.Begin
  /// What preflight judges.
  func preflight(_ context: HostContext) throws -> PreflightSituation.Change
  /// How the plan is applied.
  func policy(_ context: HostContext) -> CommitPolicy
  /// What has to be true afterwards.
  func spec(_ context: HostContext) -> VerificationSpec
  /// The evidence that is kept before the first stop; `nil`: none.
  func evidenceBefore(_ context: HostContext) -> EvidenceSubject?
  /// The evidence that is kept once the change has failed; `nil`: none.
  func evidence(of failure: any Error, _ transaction: Transaction) -> EvidenceSubject?
  /// How the transaction ends when the plan was applied, or was empty.
  ///
  /// - Parameters:
  ///   - failures: what was tolerated on the way.
  ///   - checks: `nil` where none were run.
  /// - Throws: what has to be undone.
  func ending(
    _ failures: [Committer.Failure], _ checks: [CheckResult]?, _ transaction: Transaction
  ) throws -> Ending
  /// How it ends when it has failed and is not to be undone.
  func ending(leaving failure: any Error, _ transaction: Transaction) -> Ending
  /// What follows from the decision that it is done; never repeated.
  func tidy(_ transaction: Transaction)
}

/// How a plan is applied.
struct CommitPolicy {
  var tolerance = Committer.Tolerance.none
  /// Where seconds count: waits are cut to what is left until then.
  var deadline: ContinuousClock.Instant?
  /// What verifying and undoing may take, for the rollback watchdog.
  var patience: Duration
  /// Until when an undo of it has to be over.
  var undoWithin: Duration
}

/// How a transaction ends.
struct Ending {
  var outcome: Outcome
  var exit: ExitStatus
  /// What is on the host now.
  var installed: InstalledRecord?
  var message: String
  /// Why, for the history; `nil`: what the transaction was begun for.
  var reason: String?
}

extension Change {
  var alwaysBacksUp: Bool { false }
  var verifies: Bool { true }
  var undoes: Bool { true }
  var hooks: ReleaseHooks? { nil }
  func evidenceBefore(_ context: HostContext) -> EvidenceSubject? { nil }
  func evidence(of failure: any Error, _ transaction: Transaction) -> EvidenceSubject? { nil }
  func tidy(_ transaction: Transaction) {}

  func ending(leaving failure: any Error, _ transaction: Transaction) -> Ending {
    Ending(outcome: .failed, exit: .unhealthy, installed: installed, message: "\(failure)", reason: "\(failure)")
  }
}
