internal import Backups
internal import Basics
internal import Commit
internal import Deployment
internal import FileOperations
internal import Glibc
internal import HostState
internal import Transactions
internal import Units

/// What a lasting failure leads to.
extension Watcher {
  /// Tells of it: the journal, and the program of the manifest.
  ///
  /// - Returns: what is to be said of that, as the end of a sentence.
  func alarm(
    _ record: WatchRecord, _ installed: InstalledRecord?, outcome: Outcome? = nil, reason: String? = nil
  ) -> String {
    if outcome == nil { WatchEvent.alarm(record).send() }
    guard let run = record.rules.alarm else { return "" }
    var input = HookInput(
      .alarm, name: record.name, command: "watch", user: context.user, files: [], units: installed?.units ?? [])
    (input.stamp, input.to, input.outcome) = (record.stamp, record.release, outcome)
    input.reason = record.end?.why ?? reason
    input.failures = record.course.failures
    let call = HookCall(
      .alarm, run: run, in: "/", within: .saturated(seconds: record.rules.alarmSeconds), input: input,
      scope: "qtctl-hook-\(Caller.pid)-\(context.now())-alarm")
    do {
      // It was the deploy's to judge; since then others may have come to it.
      if let fault = PathTrust.root.fault(of: call.program) {
        throw HookError(call, why: "was not run: \(fault), so that others than root decide what it does")
      }
      try recorder.step("run \(call.title)", within: call.limit, detail: { "'\(call.line)'" }) {
        let end = try context.services.run(call)
        guard end.succeeded else { throw HookError(call, end) }
      }
      return ""
    } catch {
      context.note("\(error)")
      return "\nwarning: \(error)"
    }
  }

  /// Tells of what a look found and cannot write down, as on a full disk: then looks do not add up to a lasting failure.
  func alarm(unwritten record: WatchRecord, _ installed: InstalledRecord, _ error: any Error) {
    guard Unwritten(record.name).isNew() else { return }
    context.note(alarm(record, installed, reason: "the looks of the watch cannot be written down: \(error)"))
  }

  /// So often a rollback is begun that is interrupted each time.
  private static let mostAttempts = 3

  /// Goes on where a rollback of this watch was interrupted: what it had begun is undone, or what it had done is told.
  ///
  /// - Returns: `nil` where the watch goes on.
  func resume(_ record: inout WatchRecord, _ installed: InstalledRecord?) async throws -> LookOutcome? {
    if Recovery.waiting(context.state) != nil {
      // Nobody else may come: the rollback watchdog is there only once something was touched.
      _ = try? await Recovery(context).run(wait: .zero, recorder: recorder, tell: tell)
    }
    let attempt = record.attempt ?? 0
    let entry = try History(context.state).last(20, of: record.name).entries.last { entry in
      entry.started >= attempt && entry.verb == "rollback" && !entry.isCommand && entry.end != .recovered
    }
    guard let entry, entry.stamp != nil, entry.to != record.release else { return nil }
    var outcome = LookOutcome(kind: .over, record: record, message: "")
    let isWell = entry.exit == ExitStatus.done.rawValue
    let why = "it was rolled back, and the look that did it was interrupted"
    try finish(&record, installed, isWell ? .rolledBack : .failed, why, entry.end, &outcome)
    outcome.record = record
    return outcome
  }

  /// Puts back the backup of the state before and ends the watch; again only where that was interrupted.
  func rollBack(_ record: inout WatchRecord, _ installed: InstalledRecord, _ outcome: inout LookOutcome) async throws {
    WatchEvent.alarm(record).send()
    guard let stamp = record.stamp else {
      return try finish(&record, installed, .failed, "no backup to roll back to is known", .failed, &outcome)
    }
    guard record.attempts ?? 0 < Self.mostAttempts else {
      return try finish(
        &record, installed, .failed,
        "a rollback was begun \(Self.mostAttempts) times and did not end; see 'qtctl history'", .failed, &outcome)
    }
    record.attempt = context.now()
    record.attempts = (record.attempts ?? 0) + 1
    guard try store.update(record) else { return }
    let command = "rollback \(stamp)"
    var context = context
    context.command = command
    context.redisAddress = context.redisAddress ?? record.redis
    context.redisUser = context.redisUser ?? record.redisUser
    var options = Rollback.Options()
    options.reason = "the watch found " + record.course.failures.joined(separator: "; ", atMost: 3)
    options.over = installed
    do {
      let result = try await Rollback(context, recorder: recorder, tell: tell).run(
        to: stamp.description, in: BackupStore(path: record.store), name: record.name, options)
      outcome.rollback = result
      let isWell = result.exit == .done
      try finish(
        &record, installed, isWell ? .rolledBack : .failed, result.message, result.outcome, &outcome)
    } catch let error as LockError {
      record.attempt = nil
      record.attempts = nil
      _ = try pass(over: &record, error)
      outcome.message += "\nnot rolled back yet: \(error)"
    } catch {
      try finish(&record, installed, .failed, "the rollback was not carried out: \(error)", .refused, &outcome)
    }
  }

  private func pass(over record: inout WatchRecord, _ error: LockError) throws {
    record.skipped = "\(error)"
    _ = try store.update(record)
  }

  private func finish(
    _ record: inout WatchRecord, _ installed: InstalledRecord?, _ kind: WatchRecord.End.Kind, _ why: String,
    _ end: Outcome, _ outcome: inout LookOutcome
  ) throws {
    var warning = ""
    try self.end(&record, kind, why) { record in warning = alarm(record, installed, outcome: end) }
    outcome.message =
      "\(record.name) failed \(record.course.failing) looks in a row: "
      + record.course.failures.joined(separator: "; ") + "\n" + why + warning
  }
}

extension WatchRecord {
  /// Whether a transaction is this watch's own rollback, which was interrupted and undone: the release is there again.
  func undid(_ entry: HistoryEntry) -> Bool {
    guard let attempt, entry.started >= attempt else { return false }
    return entry.verb == "rollback" && entry.end == .recovered
  }
}
