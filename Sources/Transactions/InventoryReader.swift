package import Deployment
internal import FileOperations
internal import Preflight
internal import SystemPackage
package import Units

/// Looks at the host: everything that a plan may touch, and nothing else.
package struct InventoryReader {
  package let services: any ServiceControl

  package func read(paths: some Sequence<String>, folders: [String] = [], units: some Sequence<String>) throws
    -> Inventory
  {
    var inventory = Inventory(files: [:], units: [:])
    for path in paths { inventory.files[path] = try FileState.read(path) }
    for folder in folders where try FileState.peek(folder).type == .directory {
      // What is staged is gone when it counts.
      inventory.folders[folder] = try Files.names(in: folder).filter { !$0.hasSuffix(Files.stagedSuffix) }
    }
    for unit in units { inventory.units[unit] = try services.state(of: unit) }
    return inventory
  }

  /// What of the host a desired state concerns, the companions of its units included.
  package func read(for desired: DesiredState) throws -> Inventory {
    let companions = try companions(of: desired)
    var inventory = try read(
      paths: desired.files.map(\.path), folders: desired.emptyFolders + companions.compactMap(\.folder),
      units: desired.units.map(\.unit) + desired.others)
    for path in companions.map(\.path) where inventory.files[path] == nil { inventory.files[path] = try look(path) }
    // A folder or a device in such a place is no state that could be brought back.
    inventory.companions = companions.filter { [.absent, .file, .symlink].contains(inventory.file($0.path).type) }
    let units = desired.units.map(\.unit)
    inventory.facts = try services.facts(of: units + desired.others)
    let related = Array(inventory.facts.keys) + units.flatMap { inventory.facts[$0]?.conflicts ?? [] }
    for unit in related where inventory.units[unit] == nil {
      inventory.units[unit] = try services.state(of: unit)
    }
    inventory.uses = try services.uses(of: Array(inventory.files.keys), by: units)
    return inventory
  }

  /// Without content where this user may not read it: only root acts on what is found, the others look at a plan.
  private func look(_ path: String) throws -> FileState {
    do {
      return try FileState.read(path)
    } catch let error as FileError where error.errno == .permissionDenied && !Caller.isRoot {
      return try FileState.peek(path)
    }
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
