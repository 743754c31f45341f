/// The files that are not as they should be, and the steps that correct them.
struct FileChanges {
  struct Change {
    var file: DesiredState.File
    var step: Plan.Step
  }

  /// In the order in which they are made: what has to be out of the way of others first, folders that go last.
  let all: [Change]
  let inventory: Inventory
  /// The units that use what changes, with the changes and how they use it.
  private let uses: [String: [(change: Int, how: String)]]
  /// The changes of each unit's own files that its processes read.
  private let own: [String: [Int]]
  /// The changes for which the manifest says whom they restart.
  private let directed: [Int]

  init(from inventory: Inventory, to files: [DesiredState.File]) {
    self.inventory = inventory
    let changes = Self.ordered(
      files.compactMap { Self.change(to: $0, from: inventory.file($0.path)) }, in: inventory)
    var uses: [String: [(change: Int, how: String)]] = [:]
    var own: [String: [Int]] = [:]
    var directed: [Int] = []
    // Hundreds of units ask about tens of thousands of changes.
    for place in changes.indices {
      let file = changes[place].file
      for use in inventory.uses[file.path] ?? [] { uses[use.unit, default: []].append((place, ", \(use.how)")) }
      if file.restarts != nil {
        directed.append(place)
      } else if file.role?.concernsProcess ?? true {
        own[file.unit, default: []].append(place)
      }
    }
    all = changes
    (self.uses, self.own, self.directed) = (uses, own, directed)
  }

  private static func change(to file: DesiredState.File, from current: FileState) -> Change? {
    if file.keep && current.exists { return nil }
    let differences = current.differences(to: file.state, secret: file.secret)
    guard !differences.isEmpty else { return nil }
    guard file.state.exists else {
      let action: Plan.Action =
        current.type == .directory ? .removeEmptyFolder(path: file.path) : .remove(path: file.path)
      return Change(file: file, step: Plan.Step(action, because: "it is not part of this release"))
    }
    let reason = current.exists ? differences.joined(separator: ", ") : "it is not on the host"
    return Change(file: file, step: Plan.Step(.install(file), because: reason))
  }

  /// A folder that becomes a file is emptied first; what goes into a file or link that becomes a folder is staged beside it.
  private static func ordered(_ changes: [Change], in inventory: Inventory) -> [Change] {
    var (becomeFiles, becomeFolders): (Set<String>, Set<String>) = ([], [])
    for file in changes.lazy.map(\.file) where file.state.exists {
      let current = inventory.file(file.path).type
      guard current != .absent else { continue }
      if file.state.type == .directory, current != .absent { becomeFolders.insert(file.path) }
      if file.state.type != .directory, current == .directory { becomeFiles.insert(file.path) }
    }
    let removesFolders = changes.contains { if case .removeEmptyFolder = $0.step.action { true } else { false } }
    if becomeFiles.isEmpty, becomeFolders.isEmpty, !removesFolders { return grouped(changes) }
    // A folder whose owner or mode changes stays one.
    becomeFolders = becomeFolders.filter { inventory.file($0).type != .directory }
    var (first, rest, folders): ([Change], [Change], [Change]) = ([], [], [])
    for (place, change) in changes.enumerated() {
      let isFolder = if case .removeEmptyFolder = change.step.action { true } else { false }
      if !change.file.state.exists, !isFolder, ancestor(of: change.file.path, in: becomeFiles) != nil {
        first.append(change)
      } else if isFolder {
        folders.append(change)
      } else {
        rest.append(staged(change, place, in: becomeFolders))
      }
    }
    folders.sort { $0.file.path.utf8.count > $1.file.path.utf8.count }
    let inTheWay = folders.filter { ancestor(of: $0.file.path, in: becomeFiles) != nil }
    let last = folders.filter { ancestor(of: $0.file.path, in: becomeFiles) == nil }
    return grouped(first + inTheWay + rest + last)
  }

  private static func staged(_ change: Change, _ place: Int, in becomeFolders: Set<String>) -> Change {
    guard !becomeFolders.isEmpty, change.file.state.exists,
      let folder = ancestor(of: change.file.path, in: becomeFolders)
    else { return change }
    var change = change
    change.file.staged = "\(DesiredState.parent(of: folder))/.\(place).qtctl-staged"
    change.step.action = .install(change.file)
    return change
  }

  /// Changes of one tree that follow one another are made at the same time.
  private static func grouped(_ changes: [Change]) -> [Change] {
    guard changes.contains(where: { $0.file.tree != nil }) else { return changes }
    var before: Change?
    return changes.map { change in
      var grouped = change
      grouped.step.isConcurrent =
        change.file.tree != nil && change.file.tree == before?.file.tree
        && change.step.action.isInstall == before?.step.action.isInstall
      before = change
      return grouped
    }
  }

  /// The topmost folder above a path that is one of these.
  private static func ancestor(of path: String, in folders: Set<String>) -> String? {
    guard !folders.isEmpty else { return nil }
    var found: String?
    var folder = DesiredState.parent(of: path)
    while folder != "/" {
      if folders.contains(folder) { found = folder }
      folder = DesiredState.parent(of: folder)
    }
    return found
  }

  var steps: [Plan.Step] { all.map(\.step) }

  /// The folders, deepest first, in which nothing is left after the changes.
  func emptied(_ folders: [String]) -> [String] {
    var gone = Set(all.filter { !$0.file.state.exists }.map(\.file.path))
    return folders.filter { folder in
      guard let names = inventory.folders[folder], names.allSatisfy({ gone.contains(folder + "/" + $0) }) else {
        return false
      }
      return gone.insert(folder).inserted
    }
  }

  /// Why the unit is affected by the changes; `nil` where it is not. Its own files come first.
  ///
  /// - Parameter isUp: whether it runs, so that a change which it can take in by a reload does not restart it.
  func reason(toTouch unit: String, isUp: Bool) -> String? {
    reason(unit) { !(isUp && isReloaded($0, unit)) }
  }

  /// Why the unit, which is up, has to be reloaded; `nil` where it has not.
  func reason(toReload unit: String) -> String? { reason(unit) { isReloaded($0, unit) } }

  private func isReloaded(_ file: DesiredState.File, _ unit: String) -> Bool {
    file.reload && (file.unit == unit || file.unit.isEmpty)
  }

  private func reason(_ unit: String, _ counts: (DesiredState.File) -> Bool) -> String? {
    let own = (own[unit] ?? []).filter { counts(all[$0].file) }
    if let first = own.first.map({ all[$0].file.path }) {
      return own.count == 1 ? "\(first) changes" : "\(first) and \(own.count - 1) more change"
    }
    var used = (uses[unit] ?? []).filter { restarts(all[$0.change].file, unit) && counts(all[$0.change].file) }
    let seen = Set(used.map(\.change))
    for place in directed where !seen.contains(place) {
      let file = all[place].file
      guard file.restarts?.contains(unit) ?? false, restarts(file, unit), counts(file) else { continue }
      used.append((place, ", for which the manifest restarts it"))
    }
    guard let first = used.min(by: { $0.change < $1.change }) else { return nil }
    let more = Set(used.map(\.change)).count - 1
    return "\(all[first.change].file.path) changes\(first.how)" + (more == 0 ? "" : ", and \(more) more that it uses")
  }

  /// Whether a change of a file that the unit uses restarts it.
  private func restarts(_ file: DesiredState.File, _ unit: String) -> Bool {
    file.role?.concernsProcess ?? true && file.restarts?.contains(unit) ?? true
  }

  /// The units that use a changed file and are not restarted for it, because the manifest's `restarts:` leaves them out.
  func leftOut(_ units: [String]) -> [(unit: String, path: String)] {
    units.compactMap { unit in
      guard let used = uses[unit], reason(toTouch: unit, isUp: false) == nil else { return nil }
      return used.first { all[$0.change].file.restarts != nil }.map { (unit, all[$0.change].file.path) }
    }
  }

  /// Changed files that no service owns and none of the units uses; of a tree, the tree.
  private func unused(_ units: [String]) -> [String] {
    let used = Set(units.flatMap { uses[$0] ?? [] }.map(\.change))
    var trees: [String: Bool] = [:]
    var paths: [String] = []
    for (place, change) in all.enumerated() where change.file.unit.isEmpty && change.file.restarts == nil {
      if let tree = change.file.tree {
        trees[tree] = trees[tree] ?? false || used.contains(place)
      } else if !used.contains(place) {
        paths.append(change.file.path)
      }
    }
    return paths + trees.filter { !$0.value }.keys.sorted()
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

  /// Units that run something older than a file that is as it should be, and that file in a sentence: copied there by hand,
  /// or by a transaction that ended before the restart.
  func outdated(_ files: [DesiredState.File]) -> [String: String] {
    let changed = Set(all.map(\.file.path))
    var found: [String: String] = [:]
    for file in files where file.state.exists && !file.keep && !changed.contains(file.path) {
      for use in inventory.uses[file.path] ?? [] where use.isOutdated && found[use.unit] == nil {
        guard restarts(file, use.unit), !isReloaded(file, use.unit) else { continue }
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

  /// Folders of the host that are to become a file and hold what the plan does not remove.
  ///
  /// - Returns: sentences.
  var refusals: [String] {
    all.compactMap { change in
      guard change.file.tree != nil, change.file.state.exists else { return nil }
      let current = inventory.file(change.file.path)
      guard change.file.state.type == .directory, current.type == .symlink,
        !inventory.ownLinks.contains(change.file.path)
      else { return nil }
      return
        "'\(change.file.path)' is a symlink to \(current.link ?? "?") on the host and a folder in the release; remove "
        + "it, or name it in 'exclude'"
    }
  }
}
