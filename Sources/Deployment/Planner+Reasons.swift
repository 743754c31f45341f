extension Planner {
  /// One file that is not what it should be, and the step that mends it.
  struct Change {
    var path: String
    var unit: String
    var role: Companion.Role?
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
        Plan.Step(.remove(path: file.path), because: "it is not part of what is being installed")
      }
    return Change(path: file.path, unit: file.unit, role: file.role, step: step)
  }

  /// Those of the folders, deepest first, that nothing is left in after the changes.
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

  /// Why the unit must be stopped or started; `nil` when it need not be touched.
  func reason(toTouch unit: DesiredState.Unit, in inventory: Inventory, changes: [Change]) -> String? {
    let current = inventory.unit(unit.unit)
    let own = changes.filter { $0.unit == unit.unit && $0.role?.concernsProcess ?? true }
    if let first = own.first {
      guard unit.starts || current.running else { return nil }
      return own.count == 1 ? "\(first.path) changes" : "\(first.path) and \(own.count - 1) more change"
    }
    if unit.starts && !current.running { return "it is \(current.active)" }
    if !unit.running && current.running { return "it was not running" }
    return unit.starts && restart.contains(unit.unit) ? "a restart is asked for" : nil
  }

  func enabling(_ unit: DesiredState.Unit, in inventory: Inventory) -> Plan.Step? {
    guard unit.enablement == .whenNew, unit.running, !inventory.unit(unit.unit).exists else { return nil }
    return Plan.Step(.enable(unit: unit.unit), because: "it is new here and must start at boot")
  }

  /// Why the manager must read the unit files again; `nil` when it holds what is on disk.
  func reasonToReload(_ changes: [Change], _ steps: [Plan.Step]) -> String? {
    let changed = changes.first { Self.isUnitFile($0.path) || $0.role == .unitFile }
    if let changed { return "\(changed.path) changes" }
    if steps.contains(where: { if case .enable = $0.action { true } else { false } }) {
      return "what starts at boot changes"
    }
    return reload ? "it may hold unit files that are no longer on disk" : nil
  }
}
