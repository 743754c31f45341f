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
        units: plan.touched.map(\.unit) + plan.others, files: plan.changedFiles,
        steps: plan.steps.map { $0.action.description }))
    var failures: [Failure] = []
    for group in groups(of: plan) {
      let actions = group.map(\.action)
      let name = group.count == 1 ? actions[0].description : Self.name(of: actions)
      let reason = group.count == 1 ? group[0].reason : "all at once"
      let limit = actions.compactMap { wait(for: $0, of: plan) }.max()
      let touchesFiles = actions.contains(where: \.touchesDisk)
      try attempt(name, within: limit, because: reason, touchesFiles: touchesFiles, &failures) {
        try apply(actions, of: plan)
      }
    }
    return failures
  }

  /// The steps that are done at the same time. What ends by itself was waited for before; with a deadline, all stops are
  /// one group.
  private func groups(of plan: Plan) -> [[Plan.Step]] {
    let groups = plan.groups.filter { if case .wait? = $0.first?.action { false } else { true } }
    guard deadline != nil, !plan.stops.isEmpty else { return groups }
    let isStop = { (group: [Plan.Step]) in if case .stop? = group.first?.action { true } else { false } }
    return [groups.filter(isStop).flatMap { $0 }] + groups.filter { !isStop($0) }
  }

  private static func name(of actions: [Plan.Action]) -> String {
    let units = actions.compactMap { action -> String? in
      switch action {
      case .stop(let unit), .start(let unit, _): unit
      default: nil
      }
    }
    if case .stop? = actions.first { return "stop " + units.joined(separator: ", ") }
    return "start " + units.joined(separator: ", ")
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

  private func apply(_ actions: [Plan.Action], of plan: Plan) throws -> String? {
    let stops = actions.compactMap { if case .stop(let unit) = $0 { unit } else { nil } }
    if !stops.isEmpty { return try stop(stops, of: plan) }
    let starts = actions.compactMap { action -> (unit: String, limit: Duration?)? in
      guard case .start(let unit, let within) = action else { return nil }
      return (unit, within.map { limit($0) } ?? left())
    }
    if !starts.isEmpty {
      let limits = starts.compactMap { start in start.limit.map { (start.unit, $0) } }
      try services.start(starts.map(\.unit), within: Dictionary(limits) { first, _ in first })
      return nil
    }
    for action in actions {
      if let remark = try apply(action) { return remark }
    }
    return nil
  }

  private func apply(_ action: Plan.Action) throws -> String? {
    switch action {
    case .wait, .stop, .start: break
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
    }
    return nil
  }

  private func stop(_ units: [String], of plan: Plan) throws -> String? {
    let killed = try services.stop(units, grace: plan.grace.mapValues { limit($0, share: 3) })
    return killed.isEmpty ? nil : "\(killed.joined(separator: ", ")) did not end after SIGTERM and was killed"
  }

  /// How long a step may take, where that is known.
  private func wait(for action: Plan.Action, of plan: Plan) -> Duration? {
    switch action {
    case .stop(let unit): plan.grace[unit].map { limit($0, share: 3) }
    // The unit file may be another one than when the plan was made.
    case .start(let unit, let within):
      (within ?? (try? services.facts(of: unit))?.ready ?? plan.readiness[unit]).map { limit($0) }
    default: nil
    }
  }

  /// A wait, cut to a share of what is left until the deadline; never below a second.
  private func limit(_ wait: Duration, share: Int = 1) -> Duration {
    left(share: share).map { min(wait, $0) } ?? wait
  }

  /// A share of what is left until the deadline, at least a second; `nil` where there is none.
  private func left(share: Int = 1) -> Duration? { deadline.map { max(.seconds(1), ($0 - .now) / share) } }
}

extension Plan.Action {
  /// Whether the host is not what it should be where this failed.
  fileprivate var touchesDisk: Bool {
    if case .removeEmptyFolder = self { true } else { changesFile }
  }
}
