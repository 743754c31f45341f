internal import Deployment
internal import Verification

/// One deploy or rollback in progress: its lock, its journal, its steps. Made when the plan is known to be sound;
/// from then on whatever happens is written down before it happens.
final class Transaction {
  let context: HostContext
  let lock: TransactionLock
  let journal: TransactionJournal
  let recorder: StepRecorder
  let begin: TransactionJournal.Begin
  private let clock = ContinuousClock()
  let start = ContinuousClock.now
  private var alarm: String?
  private(set) var stamp: Stamp?
  private(set) var checks: [CheckResult] = []
  /// What of the release was at fault, for the history.
  var fault: HistoryEntry.Fault?
  /// The folder with the evidence that was kept.
  var evidence: String?
  /// How things stood before the first stop, for every proof of this transaction.
  private var baseline: Baseline?

  init(_ context: HostContext, lock: TransactionLock, recorder: StepRecorder, begin: TransactionJournal.Begin) throws {
    self.context = context
    self.lock = lock
    self.recorder = recorder
    self.begin = begin
    journal = TransactionJournal(context.state)
    context.interruption.watch()
    do {
      try journal.begin(begin)
    } catch {
      // It is there already when it was the folder that could not be fsynced.
      try? journal.remove()
      throw error
    }
  }

  /// Saves what stands now, so that it can be put back.
  func backUp(_ subject: BackupSubject, inventory: Inventory, installed: InstalledRecord?) throws -> Stamp {
    lock.enter("back up")
    return try recorder.step("back up", detail: { "backup \($0)" }) {
      try context.interruption.check()
      let store = BackupStore(path: begin.store)
      let stamp = Stamp.next(seconds: context.now(), taken: try store.stamps())
      try journal.append(.backup(stamp))
      let record = subject.record(
        stamp: stamp, inventory: inventory, installed: installed, context: context,
        reason: begin.reason ?? "before \(begin.command)")
      try BackupWriter(store: store, record: record).write()
      self.stamp = stamp
      return stamp
    }
  }

  func stage(_ plan: Plan) throws {
    lock.enter("stage")
    let bytes = plan.installs.compactMap(\.state.size).reduce(0, +)
    try recorder.step("stage", detail: { "\(plan.installs.count) files, \(bytes) bytes beside their targets" }) {
      try Stager(journal: journal, interruption: context.interruption).stage(plan.installs)
    }
  }

  /// Looks at how things stand before the first stop, so that no proof of this transaction, recovery's included, blames it
  /// for what was wrong already.
  func lookBefore(_ proof: Proof) throws {
    baseline = context.lookBefore(proof)
    if let baseline { try journal.append(.baseline(baseline)) }
  }

  /// The proof of what is put back is not charged with what the failed release has buried.
  func forgetDeadLetters() { baseline = baseline?.forgettingDeadLetters() }

  /// - Parameter patience: what verifying and going back may take, for the dead-man timer.
  /// - Returns: the failures that were tolerated.
  func commit(
    _ plan: Plan, patience: Duration, tolerance: Committer.Tolerance = .none,
    deadline: ContinuousClock.Instant? = nil
  ) throws -> [Committer.Failure] {
    lock.enter("commit")
    try arm(after: plan.touched.reduce(patience + DeadMan.margin) { $0 + $1.stop + $1.ready })
    return try Committer(
      services: context.services, journal: journal, recorder: recorder, interruption: context.interruption,
      tolerance: tolerance, deadline: deadline
    ).apply(plan)
  }

  private func arm(after limit: Duration) throws {
    guard let program = context.program else { return }
    let alarm = DeadMan(of: begin, program: program, state: context.state, after: limit)
    try context.services.arm(alarm)
    self.alarm = alarm.name
  }

  /// Runs the checks; the results are this transaction's.
  ///
  /// - Throws: `HostError.interrupted`.
  func verify(_ proof: Proof, tell: (CheckResult) -> Void) async throws -> [CheckResult] {
    lock.enter("verify")
    let begun = clock.now
    var proof = proof
    proof.baseline = baseline
    checks = await context.prove(proof, tell)
    try context.interruption.check()
    let failures = checks.failures
    recorder.record(
      "verify", checks.healthy ? .done : .failed, since: begun,
      checks.healthy
        ? "\(checks.count) checks"
        : failures.isEmpty ? "no check ran" : "\(failures.count) of \(checks.count) checks failed")
    return checks
  }

  /// Decides the transaction: the journal first, then the records, then the journal goes.
  ///
  /// - Parameter tidy: what follows from the decision; done again by nobody.
  /// - Throws: when it could not be decided, and so can still be undone. Once it is decided, whatever fails is left to
  ///   the next command, and said.
  func finish(
    _ outcome: Outcome, exit: ExitStatus, installed: InstalledRecord?, message: String, reason: String? = nil,
    tidy: () -> Void = {}
  ) throws -> TransactionResult {
    let entry = HistoryEntry(
      name: begin.name, command: begin.command, outcome: outcome, stamp: stamp, from: begin.from, to: begin.to,
      user: begin.user, reason: reason ?? begin.reason, started: begin.started,
      seconds: (clock.now - start) / .seconds(1), exit: exit.rawValue, fault: fault,
      evidence: evidence)
    try journal.append(.outcome(entry, installed: installed))
    tidy()
    do {
      try Self.conclude(entry, installed: installed, state: context.state)
    } catch {
      return result(outcome, exit: exit, message: message + Self.notWritten(error))
    }
    // An alarm that goes off all the same finds nothing to do.
    if let alarm { try? context.services.disarm(alarm) }
    return result(outcome, exit: exit, message: message)
  }

  static func notWritten(_ error: any Error) -> String {
    "\nit could not be written down: \(error)\nmend the cause; 'qtctl recover' or the next command writes it"
  }

  func result(_ outcome: Outcome, exit: ExitStatus, message: String) -> TransactionResult {
    TransactionResult(
      outcome: outcome, exit: exit, stamp: stamp, message: message, steps: recorder.steps, checks: checks)
  }

  /// Writes down a decided transaction. May be repeated: recovery does when a crash fell in between.
  static func conclude(_ entry: HistoryEntry, installed: InstalledRecord?, state: StateFolder) throws {
    try InstalledReleases(state).set(installed, name: entry.name)
    InstalledContents(state, name: entry.name).keep(installed)
    try History(state).append(entry)
    try TransactionJournal(state).remove()
  }
}
