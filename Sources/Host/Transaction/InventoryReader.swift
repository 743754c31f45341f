internal import Deployment

/// Looks at the host: everything that a plan may touch, and nothing else.
struct InventoryReader {
  let services: any ServiceControl

  func read(paths: some Sequence<String>, folders: [String] = [], units: some Sequence<String>) throws -> Inventory {
    var files: [String: FileState] = [:]
    for path in paths { files[path] = try FileState.read(path) }
    for folder in folders { files[folder] = try FileState.peek(folder) }
    var states: [String: UnitState] = [:]
    for unit in units { states[unit] = try services.state(of: unit) }
    return Inventory(files: files, units: states)
  }

  /// What of the host a desired state concerns, the companions of its units included.
  func read(for desired: DesiredState) throws -> Inventory {
    let companions = try companions(of: desired)
    var inventory = try read(
      paths: desired.files.map(\.path) + companions.map(\.path),
      folders: desired.emptyFolders + companions.compactMap(\.folder), units: desired.units.map(\.unit))
    // A folder or a device in such a place is no state that could be brought back.
    inventory.companions = companions.filter { [.absent, .file, .symlink].contains(inventory.file($0.path).type) }
    return inventory
  }

  /// The companions of the units, and of the sockets, timers and other units whose files come with them.
  private func companions(of desired: DesiredState) throws -> [Companion] {
    let own = desired.units.map { (unit: $0.unit, owner: $0.unit) }
    let brought = desired.files.filter { $0.role == nil }.compactMap { file in
      UnitCompanions.unit(ofFile: file.path).map { (unit: $0, owner: file.unit) }
    }
    var asked: Set<String> = []
    var found: Set<String> = []
    var companions: [Companion] = []
    for (unit, owner) in own + brought where asked.insert(unit).inserted {
      for companion in try services.companions(of: unit) where found.insert(companion.path).inserted {
        companions.append(Companion(path: companion.path, unit: owner, role: companion.role))
      }
    }
    return companions
  }
}
