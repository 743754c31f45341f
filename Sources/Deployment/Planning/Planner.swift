/// Decides which steps take a host from what is to what should be. Pure: no file, no bus, no clock.
package struct Planner: Sendable {
  /// Only these units; all of them where it is empty.
  package var only: Set<String>
  /// Units that are restarted although nothing of them differs: on request, or because an interruption left them in
  /// doubt.
  package var restart: Set<String>
  /// Whether units that run something older than their files are restarted, though the files are as they should be.
  var renews: Bool
  /// Whether the service manager may hold other unit files than those on disk.
  package var reload: Bool

  /// Whether a unit is reloaded where that takes in all that changes of it. The way back restarts: a process whose reload
  /// failed, or was interrupted, is in doubt.
  package var takesReloads = true

  package init(only: Set<String> = [], restart: Set<String> = [], renews: Bool = false, reload: Bool = false) {
    self.only = only
    self.renews = renews
    self.restart = restart
    self.reload = reload
  }

  /// The steps from `inventory` to `desired`: wait for what ends by itself, pause what starts units, stop in reverse order,
  /// put files in place, reload, start in order, and bring back what stopped with them.
  package func plan(from inventory: Inventory, to desired: DesiredState) -> Plan {
    let changes = FileChanges(
      from: inventory, to: desired.files.filter { only.isEmpty || only.contains($0.unit) })
    let chosen = desired.units.filter { only.isEmpty || only.contains($0.unit) }
    let units = UnitChanges(
      from: inventory, to: desired, reasons: reasons(changes, desired, chosen: Set(chosen.map(\.unit))))
    let isTogether = desired.startOrder == .together

    var steps = units.waits.map { wait in
      let limit = desired.units.first { $0.unit == wait.unit }.map(inventory.stop) ?? units.facts(wait.unit).stop
      return Plan.Step(.wait(unit: wait.unit, within: limit), because: "it is running now, and \(wait.reason)")
    }
    steps += stops(units, isTogether)
    steps += changes.steps
    steps += changes.emptied(desired.emptyFolders).map {
      Plan.Step(.removeEmptyFolder(path: $0), because: "nothing is left in it")
    }
    let generated = Set(desired.files.lazy.filter { $0.state.exists && Self.isGeneratorSource($0.path) }.map(\.unit))
    steps += chosen.compactMap { generated.contains($0.unit) ? nil : enabling($0, in: inventory) }
    if let reason = reasonToReload(changes, steps, chosen.map(\.unit), inventory) {
      steps.append(Plan.Step(.reloadManager, because: reason))
    }
    steps += reloads(changes, desired, units)
    let others = forgotten(desired, inventory, units)
    steps += starts(units, others, isTogether)

    var plan = Plan(steps: steps, touched: units.touched.map(\.unit))
    plan.kept = desired.files.filter { file in
      let current = inventory.file(file.path)
      return (only.isEmpty || only.contains(file.unit)) && file.keep && current.exists
        && current.sha256 != file.state.sha256
    }.map(\.path)
    plan.others = (units.neighbours + units.triggers + others).map(\.unit)
    plan.grace = Dictionary(
      plan.stops.map { stop in
        (stop, desired.units.first { $0.unit == stop }.map(inventory.stop) ?? units.facts(stop).stop)
      }
    ) { first, _ in first }
    for case .start(let unit, let limit) in plan.steps.map(\.action) {
      plan.readiness[unit] = limit ?? units.facts(unit).ready
    }
    plan.longest = plan.groups.reduce(.zero) { sum, group in
      sum + (group.map { time(of: $0.action, plan) }.max() ?? .zero)
    }
    plan.warnings = units.warnings + changes.warnings(units: desired.units.map(\.unit))
    plan.refusals = units.refusals + changes.refusals
    for file in desired.files where file.state.exists && file.state.type != .directory {
      if let tree = file.tree { plan.trees[tree, default: 0] += 1 }
    }
    plan.displaced = units.displaced.map(\.unit)
    let changed = Set(changes.all.filter { $0.file.role == nil }.map(\.file.unit))
    plan.ailing = Set((plan.touched.map(\.unit) + plan.others).filter { inventory.unit($0).ails })
      .subtracting(changed)
    return plan
  }

  /// Whether a generator makes units from the file at that path (systemd.generator(7)): quadlets, SysV scripts, fstab.
  package static func isGeneratorSource(_ path: String) -> Bool {
    ["/etc/containers/systemd/", "/usr/share/containers/systemd/", "/run/containers/systemd/", "/etc/init.d/"]
      .contains { path.hasPrefix($0) } || ["/etc/fstab", "/etc/crypttab"].contains(path)
  }

  // MARK: Reasons

  /// Why units of the manifest must be stopped or started. A unit that uses a changed file is affected even when it was
  /// not chosen.
  private func reasons(_ changes: FileChanges, _ desired: DesiredState, chosen: Set<String>) -> [String: String] {
    let inventory = changes.inventory
    let targets = UnitChanges(from: inventory, to: desired, reasons: [:])
    let outdated = renews ? changes.outdated(desired.files) : [:]
    return desired.units.reduce(into: [:]) { reasons, unit in
      let current = inventory.unit(unit.unit)
      let target = targets.target(unit)
      if let reason = changes.reason(toTouch: unit.unit, isUp: takesReloads && current.takesReload) {
        reasons[unit.unit] = reason
      } else if !chosen.contains(unit.unit) {
        return
      } else if target == .running, !unit.masked, !targets.facts(unit.unit).isUp(current) {
        reasons[unit.unit] =
          current.stopped || current.active == "deactivating" ? "it is \(current.active)" : "it has to run"
      } else if target == .stopped, unit.target == .stopped, current.running {
        reasons[unit.unit] = "it should not run"
      } else if target == .running, !unit.masked, restart.contains(unit.unit) {
        reasons[unit.unit] = "a restart was requested"
      } else if target == .running, !unit.masked, let reason = outdated[unit.unit] {
        reasons[unit.unit] = reason
      }
    }
  }

  /// What a generator makes says itself what it starts with; it is not asked about here.
  private func enabling(_ unit: DesiredState.Unit, in inventory: Inventory) -> Plan.Step? {
    let isNew = !inventory.unit(unit.unit).exists
    guard unit.enablement == .whenNew, isNew, unit.target != .stopped, unit.target != .asFound else { return nil }
    return Plan.Step(.enable(unit: unit.unit), because: "it is new on this host and must start at boot")
  }

  /// Why the manager must read the unit files again; `nil` when it has what is on disk.
  private func reasonToReload(
    _ changes: FileChanges, _ steps: [Plan.Step], _ units: [String], _ inventory: Inventory
  ) -> String? {
    let changed = changes.all.first { change in
      let path = change.file.path
      return UnitFolders.contain(path) || Self.isGeneratorSource(path) || change.file.role == .unitFile
        || (inventory.uses[path] ?? []).contains(where: \.definesUnit)
        || inventory.unit(change.file.unit).isGenerated
    }
    if let changed { return "\(changed.file.path) changes" }
    if steps.contains(where: { if case .enable = $0.action { true } else { false } }) {
      return "what starts at boot changes"
    }
    if let stale = units.first(where: { inventory.facts[$0]?.needsReload == true }) {
      return "the manager has an older unit file of \(stale) than is on disk"
    }
    return reload ? "it may still have unit files that are no longer on disk" : nil
  }

  // MARK: Steps

  private func time(of action: Plan.Action, _ plan: Plan) -> Duration {
    switch action {
    case .wait(_, let limit): limit
    case .stop(let unit): plan.grace[unit] ?? .zero
    case .start(let unit, _): plan.readiness[unit] ?? .zero
    case .reload(_, let limit): limit
    default: .zero
    }
  }

  /// The reloads of units that go on running. What is restarted for another reason has read its files then.
  private func reloads(_ changes: FileChanges, _ desired: DesiredState, _ units: UnitChanges) -> [Plan.Step] {
    let restarted = Set(units.touched.map(\.unit.unit))
    guard takesReloads else { return [] }
    return desired.units.compactMap { unit in
      guard !restarted.contains(unit.unit), changes.inventory.unit(unit.unit).takesReload,
        let reason = changes.reason(toReload: unit.unit)
      else { return nil }
      return Plan.Step(.reload(unit: unit.unit, within: changes.inventory.ready(unit)), because: reason)
    }
  }

  private func stops(_ units: UnitChanges, _ isTogether: Bool) -> [Plan.Step] {
    func concurrent(_ others: [UnitChanges.Other]) -> [Plan.Step] {
      others.enumerated().map { Plan.Step(.stop(unit: $1.unit), because: $1.whyStopped, isConcurrent: $0 > 0) }
    }
    func own(_ touched: [UnitChanges.Touched], isTogether: Bool) -> [Plan.Step] {
      touched.enumerated().map {
        Plan.Step(.stop(unit: $1.unit.unit), because: $1.reason, isConcurrent: isTogether && $0 > 0)
      }
    }
    let stopping = units.touched.reversed().filter(\.stops)
    let own = (
      triggers: own(stopping.filter(\.isTrigger), isTogether: true),
      others: own(stopping.filter { !$0.isTrigger }, isTogether: isTogether)
    )
    // A unit that refuses to be stopped by hand stops with the one that it depends on.
    return concurrent(units.triggers) + own.triggers
      + concurrent(units.neighbours.filter { !units.facts($0.unit).refusesManualStop }) + own.others
  }

  private func starts(_ units: UnitChanges, _ others: [UnitChanges.Other], _ isTogether: Bool) -> [Plan.Step] {
    func steps(_ others: [UnitChanges.Other]) -> [Plan.Step] {
      others.enumerated().map {
        Plan.Step(.start(unit: $1.unit, within: nil), because: $1.whyStarted, isConcurrent: $0 > 0)
      }
    }
    let isSocket = { (other: UnitChanges.Other) in other.unit.hasSuffix(".socket") }
    func own(_ touched: [UnitChanges.Touched]) -> [Plan.Step] {
      let resets = touched.map {
        Plan.Step(.resetFailed(unit: $0.unit.unit), because: "an earlier start limit must not prevent the start")
      }
      let own = touched.enumerated().map {
        Plan.Step(
          .start(unit: $1.unit.unit, within: $1.unit.ready), because: $1.reason, isConcurrent: isTogether && $0 > 0)
      }
      return isTogether ? resets + own : zip(resets, own).flatMap { [$0, $1] }
    }
    let starting = units.touched.filter(\.starts)
    // Sockets are there before their services, as at boot; timers and paths start nothing before the last start.
    return steps((others + units.triggers).filter(isSocket)) + own(starting.filter(\.isSocket))
      + own(starting.filter { !$0.isTrigger }) + steps(units.neighbours + others.filter { !isSocket($0) })
      + own(starting.filter { $0.isTrigger && !$0.isSocket }) + steps(units.triggers.filter { !isSocket($0) })
  }

  /// The units of no manifest that should be active in the end and are not, other than those that this plan brings back.
  private func forgotten(
    _ desired: DesiredState, _ inventory: Inventory, _ units: UnitChanges
  ) -> [UnitChanges.Other] {
    let known = Set((units.neighbours + units.triggers).map(\.unit))
    return desired.others.filter { !known.contains($0) && !inventory.unit($0).running }.map {
      UnitChanges.Other(unit: $0, whyStopped: "", whyStarted: "it was active before the transaction that is undone")
    }
  }
}
