extension Planner {
  /// One file that is not what it should be, and the step that mends it.
  struct Change {
    var path: String
    var unit: String
    var step: Plan.Step
  }

  func change(of file: DesiredState.File, in inventory: Inventory) -> Change? {
    let current = inventory.file(file.path)
    if file.keep && current.exists { return nil }
    let differences = current.differences(to: file.state)
    guard !differences.isEmpty else { return nil }
    let step =
      if file.state.exists {
        Plan.Step(
          .install(file), because: current.exists ? differences.joined(separator: ", ") : "it is not on the host")
      } else {
        Plan.Step(.remove(path: file.path), because: "it is not part of what is being installed")
      }
    return Change(path: file.path, unit: file.unit, step: step)
  }

  /// Why the unit must be stopped or started; `nil` when it need not be touched.
  func reason(toTouch unit: DesiredState.Unit, in inventory: Inventory, changes: [Change]) -> String? {
    let current = inventory.unit(unit.unit)
    let own = changes.filter { $0.unit == unit.unit }
    if let first = own.first {
      guard unit.running || current.running else { return nil }
      return own.count == 1 ? "\(first.path) changes" : "\(first.path) and \(own.count - 1) more change"
    }
    if unit.running && !current.running { return "it is \(current.active)" }
    if !unit.running && current.running { return "it was not running" }
    return unit.running && restart.contains(unit.unit) ? "a restart is asked for" : nil
  }

  func disabling(_ unit: DesiredState.Unit, in inventory: Inventory) -> Plan.Step? {
    guard case .recorded(let wanted) = unit.enablement, ["", "disabled"].contains(wanted) else { return nil }
    guard inventory.unit(unit.unit).enablement == "enabled" else { return nil }
    return Plan.Step(.disable(unit: unit.unit), because: "it was not enabled")
  }

  func enabling(_ unit: DesiredState.Unit, in inventory: Inventory) -> Plan.Step? {
    let current = inventory.unit(unit.unit)
    switch unit.enablement {
    case .enableWhenNew:
      guard !current.exists && unit.running else { return nil }
      return Plan.Step(.enable(unit: unit.unit), because: "it is new here and must start at boot")
    case .recorded(let wanted):
      guard wanted == "enabled", current.enablement != "enabled" else { return nil }
      return Plan.Step(.enable(unit: unit.unit), because: "it was enabled")
    }
  }

  /// Why the manager must read the unit files again; `nil` when it holds what is on disk.
  func reasonToReload(_ changes: [Change], _ steps: [Plan.Step]) -> String? {
    if let changed = changes.first(where: { Self.isUnitFile($0.path) }) { return "\(changed.path) changes" }
    let changesLinks = steps.contains {
      switch $0.action {
      case .enable, .disable: true
      default: false
      }
    }
    if changesLinks { return "what starts at boot changes" }
    return reload ? "it may hold unit files that are no longer on disk" : nil
  }
}
