/// The files that are not as they should be, and the steps that correct them.
struct FileChanges {
  struct Change {
    var file: DesiredState.File
    var step: Plan.Step
  }

  var all: [Change]
  let inventory: Inventory

  init(from inventory: Inventory, to files: [DesiredState.File]) {
    self.inventory = inventory
    all = files.compactMap { file in
      let current = inventory.file(file.path)
      if file.keep && current.exists { return nil }
      let differences = current.differences(to: file.state, secret: file.secret)
      guard !differences.isEmpty else { return nil }
      guard file.state.exists else {
        return Change(
          file: file, step: Plan.Step(.remove(path: file.path), because: "it is not part of this release"))
      }
      let reason = current.exists ? differences.joined(separator: ", ") : "it is not on the host"
      return Change(file: file, step: Plan.Step(.install(file), because: reason))
    }
  }

  var steps: [Plan.Step] { all.map(\.step) }

  /// The folders, deepest first, in which nothing is left after the changes.
  func emptied(_ folders: [String]) -> [String] {
    var gone = Set(all.filter { !$0.file.state.exists }.map(\.file.path))
    return folders.filter { folder in
      guard let names = inventory.folders[folder], names.allSatisfy({ gone.contains(folder + "/" + $0) }) else {
        return false
      }
      gone.insert(folder)
      return true
    }
  }

  /// Why the unit is affected by the changes; `nil` where it is not. Its own files come first.
  ///
  /// - Parameter isUp: whether it runs, so that a change which it can take in by a reload does not restart it.
  func reason(toTouch unit: String, isUp: Bool) -> String? {
    reason(all.filter { !(isUp && isReloaded($0.file, unit)) }, unit)
  }

  /// Why the unit, which is up, has to be reloaded; `nil` where it has not.
  func reason(toReload unit: String) -> String? { reason(all.filter { isReloaded($0.file, unit) }, unit) }

  private func isReloaded(_ file: DesiredState.File, _ unit: String) -> Bool {
    file.reload && (file.unit == unit || file.unit.isEmpty)
  }

  private func reason(_ changes: [Change], _ unit: String) -> String? {
    let own = changes.filter {
      $0.file.unit == unit && $0.file.role?.concernsProcess ?? true && $0.file.restarts == nil
    }
    if let first = own.first?.file.path {
      return own.count == 1 ? "\(first) changes" : "\(first) and \(own.count - 1) more change"
    }
    let used = changes.compactMap { change in
      restarts(change.file, unit).map { (path: change.file.path, how: $0) }
    }
    guard let first = used.first else { return nil }
    return "\(first.path) changes\(first.how)" + (used.count == 1 ? "" : ", and \(used.count - 1) more that it uses")
  }

  /// The units that use a changed file and are not restarted for it, because the manifest's `restarts:` leaves them out.
  func leftOut(_ units: [String]) -> [(unit: String, path: String)] {
    units.compactMap { unit in
      guard reason(toTouch: unit, isUp: false) == nil else { return nil }
      return all.first { $0.file.restarts != nil && use(of: $0.file.path, by: unit) != nil }
        .map { (unit, $0.file.path) }
    }
  }

  /// Changed files that no service owns and none of the units uses.
  private func unused(_ units: [String]) -> [String] {
    all.map(\.file).filter { file in
      file.unit.isEmpty && file.restarts == nil && !units.contains { use(of: file.path, by: $0) != nil }
    }.map(\.path)
  }

  /// Running units that use a changed file and that none of `units` is.
  func outsiders(_ units: Set<String>) -> [(unit: String, path: String, how: String)] {
    var told: Set<String> = []
    return all.flatMap { change in
      (inventory.uses[change.file.path] ?? []).filter {
        $0.isRunning && !units.contains($0.unit) && told.insert($0.unit).inserted
      }.map { ($0.unit, change.file.path, $0.how) }
    }
  }

  /// Why a change of the file restarts the unit, as the end of a sentence.
  private func restarts(_ file: DesiredState.File, _ unit: String) -> String? {
    guard file.role?.concernsProcess ?? true else { return nil }
    if let named = file.restarts {
      return named.contains(unit) ? use(of: file.path, by: unit) ?? ", for which the manifest restarts it" : nil
    }
    return use(of: file.path, by: unit)
  }

  /// Units that run something older than a file that is as it should be, and that file in a sentence: copied there by hand,
  /// or by a transaction that ended before the restart.
  func outdated(_ files: [DesiredState.File]) -> [String: String] {
    let changed = Set(all.map(\.file.path))
    var found: [String: String] = [:]
    for file in files where file.state.exists && !file.keep && !changed.contains(file.path) {
      for use in inventory.uses[file.path] ?? [] where use.isOutdated && found[use.unit] == nil {
        guard restarts(file, use.unit) != nil, !isReloaded(file, use.unit) else { continue }
        found[use.unit] = "it started before \(file.path), \(use.how), was last written"
      }
    }
    return found
  }

  /// What an operator should know about files that units use, in sentences.
  ///
  /// - Parameter units: Those of the manifest.
  func warnings(units: [String]) -> [String] {
    unused(units).map { "nothing in the manifest uses \($0), as far as systemd and the running processes tell" }
      + leftOut(units).map { "\($0.unit) uses \($0.path) and is not restarted for it ('restarts:')" }
      + outsiders(Set(units)).map {
        "\($0.unit) is running, is not in the manifest and uses \($0.path), \($0.how); restart it yourself"
      }
  }

  private func use(of path: String, by unit: String) -> String? {
    inventory.uses[path]?.first { $0.unit == unit }.map { ", \($0.how)" }
  }
}
