package import Deployment
internal import FileOperations
package import HostState
package import Units

/// Applies a plan whose files are staged. The one hand that touches what runs: deploy, rollback, undo and recovery
/// all end here.
package struct Committer {
  /// How far the work goes on past a failure.
  package enum Tolerance {
    /// A deploy: the first failure ends it.
    case none
    /// A rollback: a unit that will not stop or start keeps no file from being put back.
    case services
    /// An undo: everything that can still be put back is.
    case everything
  }

  /// A failure that was gone past.
  package struct Failure: CustomStringConvertible {
    package var description: String
    /// Whether a file is not what it should be: the transaction is not finished then.
    package var touchesFiles: Bool
  }

  package let services: any ServiceControl
  package let journal: TransactionJournal
  package let recorder: StepRecorder
  /// Says how far the work is and until when, for people and for the rollback watchdog; `nil` for an undo.
  package var lock: TransactionLock?
  /// What ends the work between two steps; `nil` for an undo, which nothing ends.
  package var interruption: Interruption?
  package var tolerance = Tolerance.none
  /// Where seconds count: all units are stopped at once, and waits are cut to what is left until then.
  package var deadline: ContinuousClock.Instant?

  /// What a step may take that has no limit of its own: a rename, a reload of the manager.
  private static let usually = Duration.seconds(60)

  /// - Returns: the failures that were tolerated.
  package func apply(_ plan: Plan) throws -> [Failure] {
    try announce(
      .commit(
        units: plan.touched.map(\.unit), files: plan.changedFiles, steps: plan.steps.map { $0.action.description }))
    var failures: [Failure] = []
    var steps = plan.steps[...]
    if deadline != nil, !plan.stops.isEmpty {
      let name = "stop " + plan.stops.joined(separator: ", ")
      steps = steps.drop { if case .stop = $0.action { true } else { false } }
      try attempt(
        name, within: grace(plan.stops, of: plan).values.max(), because: "all at once", touchesFiles: false, &failures
      ) { try stop(plan.stops, of: plan) }
    }
    for step in steps {
      try attempt(
        step.action.description, within: wait(for: step.action, of: plan), because: step.reason,
        touchesFiles: step.action.touchesDisk, &failures
      ) {
        try apply(step.action, of: plan)
      }
    }
    return failures
  }

  /// The journal first. An undo goes on without: all that another one would need stands there already.
  private func announce(_ record: TransactionJournal.Record) throws {
    do {
      try journal.append(record)
    } catch {
      guard tolerance == .everything else { throw error }
    }
  }

  /// One step: announced in the journal, done, told. `body` may return a remark.
  private func attempt(
    _ name: String, within limit: Duration? = nil, because reason: String, touchesFiles: Bool,
    _ failures: inout [Failure],
    _ body: () throws -> String?
  ) throws {
    try interruption?.check()
    try announce(.step(name))
    lock?.enter("commit", within: (limit ?? Self.usually) + RollbackWatchdog.margin)
    do {
      try recorder.step(name, within: limit, detail: { [reason, $0].compactMap(\.self).joined(separator: "; ") }, body)
    } catch {
      try interruption?.check()
      switch (tolerance, touchesFiles) {
      case (.none, _), (.services, true): throw error
      case (.services, false), (.everything, _):
        failures.append(Failure(description: "\(name): \(error)", touchesFiles: touchesFiles))
      }
    }
  }

  private func apply(_ action: Plan.Action, of plan: Plan) throws -> String? {
    switch action {
    case .stop(let unit): return try stop([unit], of: plan)
    case .install(let file): try Files.rename(Files.stagedPath(for: file.path), to: file.path)
    case .remove(let path):
      try Files.removeIfPresent(path)
      try Files.syncFolder(of: path)
    case .removeEmptyFolder(let path):
      // Twice: a fault that passes must not undo all the rest.
      let gone = try (try? Files.removeFolderIfEmpty(path)) ?? Files.removeFolderIfEmpty(path)
      if !gone { return "it has other files and stays" }
    case .enable(let unit): try services.enable(unit)
    case .reloadManager: try services.reloadManager()
    case .resetFailed(let unit): try services.resetFailed(unit)
    case .start(let unit, let within): try services.start(unit, within: limit(within))
    }
    return nil
  }

  private func stop(_ units: [String], of plan: Plan) throws -> String? {
    let killed = try services.stop(units, grace: grace(units, of: plan))
    return killed.isEmpty ? nil : "\(killed.joined(separator: ", ")) did not end after SIGTERM and was killed"
  }

  /// The time between SIGTERM and SIGKILL, by unit.
  private func grace(_ units: [String], of plan: Plan) -> [String: Duration] {
    Dictionary(plan.touched.filter { units.contains($0.unit) }.map { ($0.unit, limit($0.stop, share: 3)) }) {
      first, _ in first
    }
  }

  /// How long a step may take, where that is known.
  private func wait(for action: Plan.Action, of plan: Plan) -> Duration? {
    switch action {
    case .stop(let unit): grace([unit], of: plan)[unit]
    case .start(_, let within): limit(within)
    default: nil
    }
  }

  /// A wait, cut to a share of what is left until the deadline; never below a second.
  private func limit(_ wait: Duration, share: Int = 1) -> Duration {
    guard let deadline else { return wait }
    return min(wait, max(.seconds(1), (deadline - .now) / share))
  }
}

extension Plan.Action {
  /// Whether the host is not what it should be where this failed.
  fileprivate var touchesDisk: Bool {
    if case .removeEmptyFolder = self { true } else { changesFile }
  }
}
