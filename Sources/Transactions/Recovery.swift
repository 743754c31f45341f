package import Commit
internal import Backups
package import Deployment
internal import Glibc
package import HostState
internal import Units
internal import Verification

/// Finishes what an interrupted transaction left: always back to the state before it, unless it was already decided.
package struct Recovery {
  package let context: HostContext
  private let proves: Bool
  private let isBlind: Bool

  /// - Parameters:
  ///   - proves: whether the services are there to be looked at; at boot they start later.
  ///   - isBlind: whether all is put back without a look at what is there, since a recovery that looked has died.
  package init(_ context: HostContext, proves: Bool = true, isBlind: Bool = false) {
    self.context = context
    self.proves = proves && !isBlind
    self.isBlind = isBlind
  }

  /// Takes the lock and recovers.
  ///
  /// - Returns: `nil` when there is nothing to recover.
  package func run(
    wait: Duration, recorder: StepRecorder, tell: @escaping (CheckResult) -> Void
  ) async throws -> TransactionResult? {
    // Ahead of the line: whoever waits there would have to recover first, and may even be stopped.
    let lock = try TransactionProcedure(context: context, recorder: recorder, tell: tell).takeLock(
      wait: wait, inLine: false)
    return try await run(lock, recorder: recorder, tell: tell)
  }

  /// Recovers under a lock that the caller holds.
  ///
  /// - Returns: `nil` when there is nothing to recover.
  package func run(
    _ lock: TransactionLock, recorder: StepRecorder = StepRecorder(), tell: (CheckResult) -> Void = { _ in }
  ) async throws -> TransactionResult? {
    // What a death in the middle of writing a record has left; nobody reads it, so it may also stay.
    try? context.state.sweep()
    let journal = TransactionJournal(context.state)
    guard let interrupted = InterruptedTransaction(try journal.read()) else {
      for record in (try? InstalledReleases(context.state).all()) ?? [] {
        try? BackupStore(path: record.store).sweep()
      }
      return nil
    }
    context.interruption.watch()
    context.interruption.shield()
    if let (entry, installed) = interrupted.outcome {
      try? BackupStore(path: interrupted.begin.store).sweep()
      try Transaction.conclude(entry, installed: installed, state: context.state)
      try? context.services.disarm(interrupted.begin.watchdog)
      return nil
    }
    if !proves, !isBlind, interrupted.undo != nil { return try postpone(interrupted, recorder) }
    lock.enter("recover")
    let start = ContinuousClock.now
    let deadline = start + Manifest.Rollback().deadline + interrupted.timeOfUndo
    let undo = Undo(context: context, recorder: recorder, deadline: deadline, isBlind: isBlind)
    let undone = undo.run(interrupted, because: "it was interrupted")
    var checks: [CheckResult] = []
    let samples = GroupSampleLog()
    if let record = undone.record, !undone.isUnfinished, proves {
      let begun = ContinuousClock.now
      var spec = VerificationSpec(record, redis: context.redisAddress ?? interrupted.begin.redis).limited(by: deadline)
      spec.redisUser = context.redisUser ?? interrupted.begin.redisUser
      spec.baseline = interrupted.baseline?.forgettingDeadLetters()
      spec.samples = samples
      checks = await context.health.verify(spec, tell: tell)
      recorder.record("verify", checks.healthy ? .done : .failed, since: begun, "\(checks.count) checks")
    }
    let faults = undone.failures.map(\.description) + checks.failures.map(\.sentence)
    let healthy = undone.failures.isEmpty && (undone.record == nil || !proves || checks.healthy)
    let begin = interrupted.begin
    let exit: ExitStatus = healthy ? .recovered : .unhealthy
    let what = "'\(begin.command)' of \(begin.user), pid \(begin.pid), begun \(Stamp(seconds: begin.started)) UTC"
    var result = TransactionResult(
      outcome: healthy ? .recovered : .failed, exit: exit, stamp: interrupted.stamp,
      message: healthy
        ? what
          + (undone.record == nil
            ? "; no running service was touched"
            : "; the previous state " + (proves ? "is verified healthy" : "is restored, and was not verified"))
        : undone.isUnfinished
          ? "\(what): \(Transaction.unfinished(undone))"
          : "\(what) was undone, but "
            + "the host is not verified healthy: \(faults.joined(separator: "; "))",
      steps: recorder.steps, checks: checks, isLost: undone.isLost)
    guard !undone.isUnfinished else { return result }
    let entry = HistoryEntry(
      name: begin.name, command: begin.command, outcome: result.outcome, stamp: interrupted.stamp,
      from: begin.from, to: begin.to, user: begin.user,
      reason: (["it was interrupted"] + faults).joined(separator: "; "), started: begin.started,
      seconds: (ContinuousClock.now - start) / .seconds(1), exit: exit.rawValue)
    do {
      let installed = try undone.record.map(\.installed) ?? InstalledReleases(context.state).record(begin.name)
      try journal.append(.outcome(entry, installed: installed))
      context.event(.ended(entry))
      try Transaction.conclude(entry, installed: installed, state: context.state)
      try? context.services.disarm(begin.watchdog)
      TransactionRecords(context.state).write(
        TransactionRecord(
          entry: entry, message: result.message, steps: recorder.steps, checks: checks,
          samples: samples.samples(since: recorder.origin ?? start)))
    } catch {
      // Where nothing was done, nothing that has to be written down is left; the next command must not find it again.
      guard undone.record == nil, (try? journal.remove()) != nil else {
        result.message += Transaction.notWritten(error)
        return result
      }
      result.message += "; it is not in the history: \(error)"
    }
    return result
  }
}

// MARK: - For others than the next command

extension Recovery {
  /// How long a caller that hangs is given to undo its transaction itself, once it was asked to.
  private static let grace = Duration.seconds(10)

  /// How long after the death of a transaction's process the watchdog waits for somebody else to recover it.
  private static let courtesy = Duration.seconds(2)

  /// What the rollback watchdog runs: waits until the process of a transaction is gone, or ends it when it is past the
  /// deadline of its present step, and recovers.
  ///
  /// A transaction is never recovered while its caller holds the lock: the caller is asked to undo it (SIGTERM), and is
  /// killed when it does not.
  ///
  /// - Parameters:
  ///   - name: of the watchdog; where another transaction is in progress by now, nothing is done.
  ///   - limit: when the transaction has to be over, whatever its steps say.
  /// - Returns: `nil` when there is nothing to recover.
  package func run(
    watchdog name: String, until limit: ContinuousClock.Instant, recorder: StepRecorder,
    tell: @escaping (CheckResult) -> Void
  ) async throws -> TransactionResult? {
    guard let begin = try unfinished(), begin.watchdog == name else { return nil }
    if let caller = LockOwner(pid: begin.pid, lock: context.state.lock), hangs(caller, pid: begin.pid, until: limit) {
      recorder.record("ask pid \(begin.pid) to roll back", .done, since: .now, "it is past its deadline")
      caller.signal(SIGTERM)
      do {
        return try await run(wait: Self.grace, recorder: recorder, tell: tell)
      } catch is LockError {
        recorder.record("kill pid \(begin.pid)", .done, since: .now, "it hangs")
        caller.signal(SIGKILL)
      }
    } else {
      // Whoever runs a command right after the death comes first, and is told of it.
      try? await Task.sleep(for: Self.courtesy)
      guard let begin = try unfinished(), begin.watchdog == name else { return nil }
    }
    return try await run(wait: Self.grace, recorder: recorder, tell: tell)
  }

  /// Watches the process of a transaction.
  ///
  /// - Returns: true once it hangs; false once it is gone.
  private func hangs(_ caller: borrowing LockOwner, pid: Int32, until limit: ContinuousClock.Instant) -> Bool {
    while !caller.ends(within: .milliseconds(500)) {
      let holder = try? LockHolder.read(context.state.lock)
      let isLate = holder?.pid == pid && (holder?.deadline).map { $0 < TransactionLock.secondsSinceBoot } ?? false
      if isLate || limit <= .now { return true }
    }
    return false
  }

  /// At boot, what the `undo` of a migration needs is not up yet. The units stay down until it has run.
  private func postpone(_ interrupted: InterruptedTransaction, _ recorder: StepRecorder) throws -> TransactionResult {
    let units = (interrupted.touched ?? []).union(interrupted.others).sorted()
    try recorder.step("keep \(units.joined(separator: ", ")) down") { try context.services.hold(units) }
    try recorder.step("plan the recovery for the end of the boot") {
      try context.services.runAfterBoot(
        [context.program ?? "/usr/local/bin/qtctl", "recover"], state: context.state.path)
    }
    let begin = interrupted.begin
    return TransactionResult(
      outcome: .recovered, exit: .recovered, stamp: interrupted.stamp,
      message: "'\(begin.command)' of \(begin.user), pid \(begin.pid): its migration is taken back when the boot is "
        + "over; \(units.joined(separator: ", ")) stay down until then",
      steps: recorder.steps, checks: [])
  }

  private func unfinished() throws -> TransactionJournal.Begin? {
    InterruptedTransaction(try TransactionJournal(context.state).read())?.begin
  }

  /// Says, for whoever only looks, that a transaction is neither done nor undone and nobody is at it; `nil` otherwise,
  /// and where that cannot be seen. Takes no lock, so it is in nobody's way.
  package static func waiting(_ state: StateFolder) -> String? {
    guard let records = try? TransactionJournal(state).read(), let begin = InterruptedTransaction(records)?.begin else {
      return nil
    }
    if let holder = try? LockHolder.read(state.lock), LockOwner(pid: holder.pid, lock: state.lock) != nil { return nil }
    return "'\(begin.command)' of \(begin.user), pid \(begin.pid), was interrupted and is not undone yet; "
      + "run 'qtctl recover'"
  }
}
