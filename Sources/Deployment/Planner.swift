/// Decides which steps take a host from what is to what should be. Pure: no file, no bus, no clock.
public struct Planner: Sendable {
  /// Only these units; all of them where it is empty.
  public var only: Set<String>
  /// Units that are restarted although nothing of them differs: on request, or because an interruption left them in
  /// doubt.
  public var restart: Set<String>
  /// Whether the service manager may hold other unit files than those on disk.
  public var reload: Bool

  public init(only: Set<String> = [], restart: Set<String> = [], reload: Bool = false) {
    self.only = only
    self.restart = restart
    self.reload = reload
  }

  /// The steps from `inventory` to `desired`: stop in reverse order, put files in place, reload, start in order.
  public func plan(from inventory: Inventory, to desired: DesiredState) -> Plan {
    let files = desired.files.filter { only.isEmpty || only.contains($0.unit) }
    let units = desired.units.filter { only.isEmpty || only.contains($0.unit) }
    let changes = files.compactMap { change(of: $0, in: inventory) }
    let touched = units.compactMap { unit in
      reason(toTouch: unit, in: inventory, changes: changes).map { (unit: unit, reason: $0) }
    }

    var steps: [Plan.Step] = []
    for (unit, reason) in touched.reversed() where !inventory.unit(unit.unit).stopped {
      steps.append(Plan.Step(.stop(unit: unit.unit), because: reason))
    }
    steps += changes.map(\.step)
    steps += emptied(desired.emptyFolders, by: changes, in: inventory).map {
      Plan.Step(.removeEmptyFolder(path: $0), because: "nothing is left in it")
    }
    steps += units.compactMap { enabling($0, in: inventory) }
    if let reason = reasonToReload(changes, steps) { steps.append(Plan.Step(.reloadManager, because: reason)) }
    for (unit, reason) in touched where unit.starts {
      steps.append(
        Plan.Step(
          .resetFailed(unit: unit.unit),
          because: "an earlier start limit must not prevent the start"))
      steps.append(Plan.Step(.start(unit: unit.unit, within: unit.ready), because: reason))
    }
    let kept = files.filter { file in
      let current = inventory.file(file.path)
      return file.keep && current.exists && current.sha256 != file.state.sha256
    }
    return Plan(steps: steps, touched: touched.map(\.unit), kept: kept.map(\.path))
  }

  /// Whether systemd reads the file at that path as (part of) a unit.
  public static func isUnitFile(_ path: String) -> Bool {
    [
      "/etc/systemd/system/", "/run/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/",
      "/lib/systemd/system/",
    ].contains { path.hasPrefix($0) }
  }
}

extension Planner {
  /// One file that is not as it should be, and the step that corrects it.
  struct Change {
    var path: String
    var unit: String
    var role: UnitArtifact.Role?
    var step: Plan.Step
  }

  func change(of file: DesiredState.File, in inventory: Inventory) -> Change? {
    let current = inventory.file(file.path)
    if file.keep && current.exists { return nil }
    let differences = current.differences(to: file.state, secret: file.secret)
    guard !differences.isEmpty else { return nil }
    let step =
      if file.state.exists {
        Plan.Step(
          .install(file), because: current.exists ? differences.joined(separator: ", ") : "it is not on the host")
      } else {
        Plan.Step(.remove(path: file.path), because: "it is not part of this release")
      }
    return Change(path: file.path, unit: file.unit, role: file.role, step: step)
  }

  /// The folders, deepest first, in which nothing is left after the changes.
  func emptied(_ folders: [String], by changes: [Change], in inventory: Inventory) -> [String] {
    var gone = Set(changes.filter { if case .remove = $0.step.action { true } else { false } }.map(\.path))
    return folders.filter { folder in
      guard let names = inventory.folders[folder], names.allSatisfy({ gone.contains(folder + "/" + $0) }) else {
        return false
      }
      gone.insert(folder)
      return true
    }
  }

  /// Why the unit must be stopped or started; `nil` when it is left alone.
  func reason(toTouch unit: DesiredState.Unit, in inventory: Inventory, changes: [Change]) -> String? {
    let current = inventory.unit(unit.unit)
    let own = changes.filter { $0.unit == unit.unit && $0.role?.concernsProcess ?? true }
    if let first = own.first {
      guard unit.starts || current.running else { return nil }
      return own.count == 1 ? "\(first.path) changes" : "\(first.path) and \(own.count - 1) more change"
    }
    if unit.starts && !current.running { return "it is \(current.active)" }
    if !unit.running && current.running { return "it was not running" }
    return unit.starts && restart.contains(unit.unit) ? "a restart was requested" : nil
  }

  func enabling(_ unit: DesiredState.Unit, in inventory: Inventory) -> Plan.Step? {
    guard unit.enablement == .whenNew, unit.running, !inventory.unit(unit.unit).exists else { return nil }
    return Plan.Step(
      .enable(unit: unit.unit), because: "it is new on this host and must start at boot")
  }

  /// Why the manager must read the unit files again; `nil` when it has what is on disk.
  func reasonToReload(_ changes: [Change], _ steps: [Plan.Step]) -> String? {
    let changed = changes.first { Self.isUnitFile($0.path) || $0.role == .unitFile }
    if let changed { return "\(changed.path) changes" }
    if steps.contains(where: { if case .enable = $0.action { true } else { false } }) {
      return "what starts at boot changes"
    }
    return reload ? "it may still have unit files that are no longer on disk" : nil
  }
}
