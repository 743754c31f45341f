package import Commit
internal import Backups
internal import Basics
package import Deployment
internal import FileOperations
package import HostState
internal import Units
internal import Verification

/// One deploy or rollback in progress: its lock, its journal, its steps. Made when the plan is known to be sound;
/// from then on whatever happens is written down before it happens.
package final class Transaction {
  package let context: HostContext
  package let lock: TransactionLock
  package let journal: TransactionJournal
  package let recorder: StepRecorder
  package let begin: TransactionJournal.Begin
  private let clock = ContinuousClock()
  /// When the lock was taken: planning and preflight are part of what a transaction takes.
  package let start: ContinuousClock.Instant
  /// The name of the watchdog that was armed.
  private var watchdog: String?
  private(set) var stamp: Stamp?
  private(set) var checks: [CheckResult] = []
  /// What of the release was at fault, for the history.
  package var fault: HistoryEntry.Fault?
  /// The folder with the evidence that was kept.
  package var evidence: String?
  /// The last lines of the units that failed, each on a line of its own; empty where there are none to show.
  var lastLines = ""
  /// How things stood before the first stop, for every proof of this transaction.
  private var baseline: Baseline?
  /// How the groups stood before, during and after.
  private let samples = GroupSampleLog()
  /// What the release's `migrate` hook runs.
  var migration: Migration?
  /// What hooks have printed.
  var hookOutput = ""
  /// The files that the plan changes.
  var changed: Set<String> = []

  package init(
    _ context: HostContext, lock: TransactionLock, recorder: StepRecorder, begin: TransactionJournal.Begin,
    start: ContinuousClock.Instant
  ) throws {
    self.start = start
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
    context.event(.began(begin))
  }

  /// Saves what stands now, so that it can be put back.
  func backUp(_ change: some Change) throws -> Stamp {
    lock.enter("back up")
    return try recorder.step("back up", detail: { "backup \($0)" }) {
      try context.interruption.check()
      let store = BackupStore(path: begin.store)
      let stamp = Stamp.next(seconds: context.now(), taken: try store.stamps())
      try journal.append(.backup(stamp))
      let subject = change.subject
      let record = subject.record(
        stamp: stamp, inventory: change.inventory, installed: change.installed,
        cursors: subject.redis.map { context.redis.cursors(subject.groups, $0) } ?? [], user: context.user,
        reason: begin.reason ?? "before \(begin.command)")
      try BackupWriter(store: store, record: record).write()
      self.stamp = stamp
      return stamp
    }
  }

  /// Creates the users that the files of the plan declare (sysusers.d(5)): files and units may be theirs. They stay, whatever
  /// becomes of the transaction, since files may be theirs by then.
  ///
  /// - Throws: `Refusal`.
  func createUsers(_ plan: Plan) async throws {
    let declarations = plan.installs.filter { $0.path.contains("/sysusers.d/") && $0.path.hasSuffix(".conf") }
    for file in declarations {
      guard let origin = file.origin else { continue }
      let begun = ContinuousClock.now
      let result = await HelperProgram.run(
        ["/usr/bin/systemd-sysusers", "--replace=\(file.path)", origin], within: .seconds(30))
      guard result?.status == 0 else {
        throw Refusal(["the users that \(file.path) declares could not be created; run: systemd-sysusers \(origin)"])
      }
      recorder.record("create the users of \(file.path)", .done, since: begun, "they stay")
    }
  }

  package func stage(_ plan: Plan) throws {
    lock.enter("stage")
    let bytes = plan.installs.compactMap(\.state.size).saturatedSum
    try recorder.step("stage", detail: { "\(plan.installs.count) files, \(bytes) bytes beside their targets" }) {
      try Stager(journal: journal, interruption: context.interruption).stage(plan.installs)
    }
  }

  /// Waits for the oneshots that run now and that the plan would interrupt.
  ///
  /// - Throws: `Refusal` when one still runs after its time; nothing was touched.
  func waitForRuns(_ plan: Plan) throws {
    for step in plan.steps {
      guard case .wait(let unit, let limit) = step.action else { continue }
      try recorder.step(step.action.description, detail: { step.reason }) {
        guard try context.services.waitUntilStopped(unit, within: limit) else {
          throw Refusal([
            "\(unit) is still running after \(limit.compactText); run the command again when it has ended, or give it "
              + "more time by 'stop:' in the manifest"
          ])
        }
      }
    }
  }

  /// Looks at how things stand before the first stop, so that no proof of this transaction, recovery's included, blames it
  /// for what was wrong already.
  package func noteBaseline(_ spec: VerificationSpec) throws {
    var spec = spec
    spec.samples = samples
    baseline = context.health.baseline(spec)
    if let baseline { try journal.append(.baseline(baseline)) }
  }

  /// Looks at how the units stand where nothing is going to be touched, so that one that had failed before is no failure.
  func excuseUnits(_ spec: VerificationSpec) {
    guard let units = context.health.baseline(spec)?.units else { return }
    baseline = Baseline(units: units)
  }

  /// The proof of what is put back is not charged with what the failed release has buried.
  package func forgetDeadLetters() { baseline = baseline?.forgettingDeadLetters() }

  /// Arms the rollback watchdog and applies the plan.
  ///
  /// - Returns: the failures that were tolerated.
  func commit(_ plan: Plan, _ policy: CommitPolicy) throws -> [Committer.Failure] {
    lock.enter("commit")
    changed = Set(plan.steps.compactMap(\.action.changedFile))
    var committer = Committer(
      services: context.services, journal: journal, recorder: recorder, lock: lock,
      interruption: context.interruption, tolerance: policy.tolerance, deadline: policy.deadline)
    committer.migration = migration
    committer.keep = keep
    committer.prepare(for: plan)
    let begun = ContinuousClock.now
    do {
      try arm(after: policy.patience + RollbackWatchdog.margin + plan.longest)
    } catch  where policy.tolerance != .none {
      // Whoever goes back, as with a full /run, goes back all the same.
      recorder.record("arm the rollback watchdog", .skipped, since: begun, "nobody stands by: \(error)")
    }
    return try committer.apply(plan)
  }

  private func arm(after limit: Duration) throws {
    guard let program = context.program else { return }
    let watchdog = RollbackWatchdog(
      name: begin.watchdog, program: program, state: context.state.path, after: limit)
    try context.services.arm(watchdog)
    self.watchdog = watchdog.name
  }

  /// Runs the checks; the results are this transaction's.
  ///
  /// - Throws: `Interrupted`.
  package func verify(_ spec: VerificationSpec, tell: (CheckResult) -> Void) async throws -> [CheckResult] {
    lock.enter("verify", within: spec.patience + RollbackWatchdog.margin)
    let begun = recorder.begin("verify", within: spec.stable ?? spec.verify.stable)
    var spec = spec
    spec.baseline = baseline
    spec.samples = samples
    spec.changed.formUnion(changed)
    checks = await context.health.verify(spec, tell: tell)
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
  func finish(_ ending: Ending, tidy: () -> Void = {}) throws -> TransactionResult {
    let entry = HistoryEntry(
      name: begin.name, command: begin.command, outcome: ending.outcome, stamp: stamp, from: begin.from, to: begin.to,
      user: begin.user, reason: reason(of: ending), started: begin.started,
      seconds: (clock.now - start) / .seconds(1), exit: ending.exit.rawValue, fault: fault, evidence: evidence)
    try journal.append(.outcome(entry, installed: ending.installed))
    context.event(.ended(entry))
    tidy()
    do {
      try Self.conclude(entry, installed: ending.installed, state: context.state)
    } catch {
      return result(ending.outcome, exit: ending.exit, message: ending.message + Self.notWritten(error))
    }
    // A watchdog that fires all the same finds nothing to do.
    if let watchdog { try? context.services.disarm(watchdog) }
    TransactionRecords(context.state).write(
      TransactionRecord(
        entry: entry, message: ending.message, steps: recorder.steps, checks: checks,
        samples: samples.samples(since: recorder.origin ?? start)))
    return result(ending.outcome, exit: ending.exit, message: ending.message)
  }

  /// What a person gave as the reason stays beside what failed.
  private func reason(of ending: Ending) -> String? {
    guard let failure = ending.reason, let asked = begin.reason, failure != asked else {
      return ending.reason ?? begin.reason
    }
    return "\(failure)\nreason given: \(asked)"
  }

  package static func notWritten(_ error: any Error) -> String {
    "\nthe outcome could not be written to the records: \(error)\nfix the cause; 'qtctl recover' or the next command writes them"
  }

  package func result(_ outcome: Outcome, exit: ExitStatus, message: String) -> TransactionResult {
    TransactionResult(
      outcome: outcome, exit: exit, stamp: stamp, message: message, steps: recorder.steps, checks: checks)
  }

  /// Writes down a decided transaction. May be repeated: recovery does when a crash fell in between.
  package static func conclude(_ entry: HistoryEntry, installed: InstalledRecord?, state: StateFolder) throws {
    try InstalledReleases(state).set(installed, name: entry.name)
    InstalledContents(state, name: entry.name).keep(installed)
    try History(state).append(entry)
    try TransactionJournal(state).remove()
  }
}

extension TransactionJournal.Begin {
  /// The name of the transaction's watchdog.
  var watchdog: String { RollbackWatchdog.name(pid: pid, started: started) }
}

extension CheckResult {
  /// One line for a list of faults.
  var sentence: String { "\(id) \(subject): \(detail)" }
}

/// How a transaction ended, with all that is reported of it.
package struct TransactionResult: Sendable {
  package var outcome: Outcome
  package var exit: ExitStatus
  /// The backup that was taken before.
  package var stamp: Stamp?
  /// What happened and, where something is left to do, what to do next; in sentences.
  package var message: String
  package var steps: [StepResult]
  package var checks: [CheckResult]
  /// Whether the backup that had to be put back is damaged or gone: only another one can end the transaction.
  var isLost = false
}
