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
    /// Whether it is the `undo` of a migration that failed.
    package var isOfHook = false

    package init(description: String, touchesFiles: Bool, isOfHook: Bool = false) {
      self.description = description
      self.touchesFiles = touchesFiles
      self.isOfHook = isOfHook
    }
  }

  package let services: any ServiceControl
  package let journal: TransactionJournal
  package let recorder: StepRecorder
  /// Says how far the work is and until when, for people and for the rollback watchdog; `nil` for an undo.
  package var lock: TransactionLock?
  /// What ends the work between two steps; `nil` for an undo, which nothing ends.
  package var interruption: Interruption?
  package var tolerance: Tolerance
  /// Where seconds count: all units are stopped at once, and waits are cut to what is left until then.
  package var deadline: ContinuousClock.Instant?
  /// How long units may take to start by their own unit files, where that is known already.
  private var limits: [String: Duration]?

  /// What the release's `migrate` hook runs, or what takes it back.
  package var migration: Migration?
  /// Takes what hooks printed.
  package var keep: (HookCall, HookEnd) -> Void = { _, _ in }

  package init(
    services: any ServiceControl, journal: TransactionJournal, recorder: StepRecorder, lock: TransactionLock? = nil,
    interruption: Interruption? = nil, tolerance: Tolerance = .none, deadline: ContinuousClock.Instant? = nil
  ) {
    self.services = services
    self.journal = journal
    self.recorder = recorder
    self.lock = lock
    self.interruption = interruption
    self.tolerance = tolerance
    self.deadline = deadline
  }

  /// What a step may take that has no limit of its own: a rename, a reload of the manager.
  private static let usually = Duration.seconds(60)

  /// Asks for what is needed once units are down, while all still runs, and before the manager is given anything else to do.
  package mutating func prepare(for plan: Plan) {
    // A reload may bring other limits: they are asked for when it is done.
    limits = plan.steps.contains(where: \.action.isManagerReload) ? nil : ready(plan.steps)
  }

  /// - Returns: the failures that were tolerated.
  package func apply(_ plan: Plan) throws -> [Failure] {
    try announce(
      .commit(
        units: plan.touched.map(\.unit) + plan.reloads, files: plan.changedFiles,
        steps: plan.steps.map { $0.action.description },
        others: plan.others + plan.displaced))
    var failures: [Failure] = []
    var groups = plan.groups[...]
    if deadline != nil, !plan.stops.isEmpty {
      groups = groups.filter { !$0.allSatisfy(\.action.isStop) }[...]
      try attempt(
        Self.name("stop", plan.stops), within: grace(plan.stops, of: plan).values.max(), because: "all at once",
        touchesFiles: false, &failures
      ) { try stop(plan.stops, of: plan) }
    }
    var isSwapping = false
    var isStarting = false
    for group in groups {
      guard let first = group.first else { continue }
      // What was triggered, or started by somebody, since it was stopped would run on with the old files.
      if !isSwapping, !first.action.isStop, !first.action.isWait {
        isSwapping = true
        try stopAgain(plan, &failures)
      }
      if !isStarting, first.action.isStart || first.action.isMigration {
        isStarting = first.action.isStart
        try stopAgain(plan, &failures)
      }
      let reason = Set(group.map(\.reason)).count == 1 ? first.reason : "at the same time"
      try attempt(
        plan.summary(of: group) ?? Self.name(of: group), within: wait(for: group, of: plan), because: reason,
        touchesFiles: first.action.touchesDisk, &failures
      ) {
        try apply(group, of: plan)
      }
    }
    return failures
  }

  private static func name(_ verb: String, _ units: [String]) -> String { "\(verb) \(units.joined(separator: ", "))" }

  private static func name(of group: [Plan.Step]) -> String {
    group.count > 1 && group.allSatisfy(\.action.isStart)
      ? name("start", group.compactMap(\.action.unit))
      : group.count > 1 && group.allSatisfy(\.action.isStop)
        ? name("stop", group.compactMap(\.action.unit)) : group.map(\.action.description).joined(separator: ", ")
  }

  /// Stops what of the plan runs although it has to be down at this moment.
  private func stopAgain(_ plan: Plan, _ failures: inout [Failure]) throws {
    let down = plan.stops + plan.touched.filter(\.starts).map(\.unit).filter { !plan.stops.contains($0) }
    let running = down.isEmpty ? [] : services.running(among: down)
    guard !running.isEmpty else { return }
    try attempt(
      Self.name("stop", running) + " again", because: "started by others since", touchesFiles: false, &failures
    ) { try stop(running, of: plan) }
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
        failures.append(
          Failure(description: "\(name): \(error)", touchesFiles: touchesFiles, isOfHook: error is HookError))
      }
    }
  }

  private func apply(_ group: [Plan.Step], of plan: Plan) throws -> String? {
    let starts = group.compactMap(\.action.start)
    let stops = group.filter(\.action.isStop).compactMap(\.action.unit)
    let remarks: [String]
    if starts.count == group.count {
      remarks = try start(starts, of: plan)
    } else if stops.count == group.count {
      remarks = [try stop(stops, of: plan)].compactMap(\.self)
    } else if group.count > 1 {
      remarks = try FileSwap.apply(group.map(\.action), toleratesFailures: tolerance == .everything)
    } else {
      remarks = try group.compactMap { try apply($0.action, of: plan) }
    }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }

  private func apply(_ action: Plan.Action, of plan: Plan) throws -> String? {
    switch action {
    case .wait(let unit, let within):
      guard try services.waitUntilStopped(unit, within: limit(within)) else {
        throw UnitError.stillRunning([unit])
      }
    case .stop(let unit): return try stop([unit], of: plan)
    case .install, .remove, .removeEmptyFolder:
      let swap = FileSwap(action)
      let remark = try swap.apply()
      try swap.sync()
      return remark
    case .enable(let unit): try services.enable(linked(unit, in: plan) ?? unit)
    case .reloadManager: try services.reloadManager()
    case .resetFailed(let unit): try services.resetFailed(unit)
    case .start(let unit, let within):
      return try start([(unit, within)], of: plan).first
    case .reload(let unit, let within): try services.reload(unit, within: limit(within))
    case .migrate: try migration.map { try hooks.run($0.call, undo: $0.undo) }
    case .undoMigration: return try migration?.undo.flatMap(hooks.undo)
    }
    return nil
  }

  private var hooks: HookRunner {
    HookRunner(services: services, journal: journal, isUndoing: tolerance == .everything, keep: keep)
  }

  /// - Returns: what is worth a word: a unit that had failed before, and fails again, too.
  private func start(_ starts: [(unit: String, limit: Duration?)], of plan: Plan) throws -> [String] {
    do {
      return try services.start(starts.map { StartRequest($0.unit, within: $0.limit.map { limit($0) } ?? cut) })
    } catch let error as UnitError {
      let new = error.each.filter { !$0.isOf(plan.ailing) }
      if let first = new.first { throw new.count == 1 ? first : UnitError.several(new) }
      return error.each.map { "\($0); as before" }
    }
  }

  private func stop(_ units: [String], of plan: Plan) throws -> String? {
    let killed = try services.stop(units, grace: grace(units, of: plan))
    return killed.isEmpty ? nil : "\(killed.joined(separator: ", ")) did not end after SIGTERM and was killed"
  }

  /// The time between SIGTERM and SIGKILL, by unit.
  private func grace(_ units: [String], of plan: Plan) -> [String: Duration] {
    Dictionary(units.map { ($0, limit(plan.grace[$0] ?? UnitFacts.unlimited, share: 3)) }) { first, _ in first }
  }

  /// How long steps that are done at the same time may take, where that is known.
  private func wait(for group: [Plan.Step], of plan: Plan) -> Duration? {
    switch group.first?.action {
    case .reload(_, let within)?, .migrate(let within)?: return within
    // It is tried twice.
    case .undoMigration(let within)?: return within * 2
    default: break
    }
    let starts = group.compactMap(\.action.start)
    guard starts.isEmpty else {
      // One may wait for the other.
      let limits = limits ?? ready(group) ?? [:]
      return starts.map { limit($0.limit ?? limits[$0.unit] ?? UnitFacts.unlimited) }.reduce(.zero, +)
    }
    return grace(group.filter(\.action.isStop).compactMap(\.action.unit), of: plan).values.max()
  }

  /// How long the units that are started, and for which the plan names no limit, may take by their own unit files; `nil`
  /// where that cannot be asked for.
  private func ready(_ steps: [Plan.Step]) -> [String: Duration]? {
    let units = steps.compactMap(\.action.start).filter { $0.limit == nil }.map(\.unit)
    return units.isEmpty ? [:] : try? services.facts(of: units).mapValues(\.ready)
  }

  /// The path of a unit file that lies where systemd does not look: it has to be linked.
  private func linked(_ unit: String, in plan: Plan) -> String? {
    plan.installs.map(\.path).first { $0.hasSuffix("/" + unit) && !UnitFolders.contain($0) }
  }

  /// The limit of what has none of its own in the plan; `nil` where no seconds count.
  private var cut: Duration? { deadline == nil ? nil : limit(UnitFacts.unlimited) }

  /// A wait, cut to a share of what is left until the deadline; never below a second.
  private func limit(_ wait: Duration, share: Int = 1) -> Duration {
    guard let deadline else { return wait }
    return min(wait, max(.seconds(1), (deadline - .now) / share))
  }
}

extension Plan.Action {
  fileprivate var isStop: Bool { if case .stop = self { true } else { false } }
  fileprivate var isWait: Bool { if case .wait = self { true } else { false } }
  fileprivate var isStart: Bool { start != nil }
  fileprivate var isManagerReload: Bool { if case .reloadManager = self { true } else { false } }
  fileprivate var isMigration: Bool { if case .migrate = self { true } else { false } }

  fileprivate var start: (unit: String, limit: Duration?)? {
    if case .start(let unit, let within) = self { (unit, within) } else { nil }
  }

  /// The unit that it is about.
  fileprivate var unit: String? {
    switch self {
    case .wait(let unit, _), .stop(let unit), .enable(let unit), .resetFailed(let unit), .start(let unit, _),
      .reload(let unit, _):
      unit
    case .install, .remove, .removeEmptyFolder, .reloadManager, .migrate, .undoMigration: nil
    }
  }

  /// Whether the host is not what it should be where this failed.
  fileprivate var touchesDisk: Bool {
    if case .removeEmptyFolder = self { true } else { changesFile }
  }
}
