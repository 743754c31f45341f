internal import Basics
package import Deployment
internal import FileOperations
package import KnownDigests
internal import SystemPackage

/// Looks at the host: everything that a plan may touch, and nothing else.
package struct InventoryReader {
  /// How what is on the host is looked at.
  package enum Mode {
    /// Content and metadata; what cannot be read is an error.
    case whole
    /// For the way back: what cannot be read, or is of another size, counts as something else than it should be.
    case tolerant
    /// For a way back whose first try has died: nothing is looked at, and all counts as something else than it should be.
    case blind
  }

  package let services: any ServiceControl
  package var mode: Mode

  private let digests: KnownDigests

  /// - Parameter digests: of files that are not read again.
  package init(services: any ServiceControl, mode: Mode = .whole, digests: KnownDigests = .none) {
    self.services = services
    self.mode = mode
    self.digests = digests
  }

  /// What of the host a desired state concerns, the companions of its units included.
  package func read(for desired: DesiredState) throws -> Inventory {
    try services.atOneMoment(of: desired.units.map(\.unit) + desired.others) { try inventory(for: desired) }
  }

  private func inventory(for desired: DesiredState) throws -> Inventory {
    let companions = mode == .blind ? [] : try companions(of: desired)
    var inventory = Inventory(files: [:], units: [:])
    let found = try Parallel.map(desired.files.map { ($0.path, $0.state) }, with: { LastFolder() }) {
      [mode, digests] last, file in (file.0, try Self.look(at: file.0, expecting: file.1, mode, digests, &last))
    }
    inventory.files = Dictionary(found) { _, last in last }
    for folder in desired.emptyFolders + companions.compactMap(\.folder)
    where try mode != .blind && FileState.peek(folder).type == .directory {
      // What is staged is gone when it counts.
      inventory.folders[folder] = try Files.names(in: folder).filter { !$0.hasSuffix(Files.stagedSuffix) }
    }
    for unit in desired.units.map(\.unit) + desired.others { inventory.units[unit] = try services.state(of: unit) }
    for path in companions.map(\.path) where inventory.files[path] == nil {
      inventory.files[path] = try look(atCompanion: path)
    }
    // A folder or a device in such a place is no state that could be brought back.
    inventory.companions = companions.filter { [.absent, .file, .symlink].contains(inventory.file($0.path).type) }
    let units = desired.units.map(\.unit)
    inventory.facts = try services.facts(of: units + desired.others)
    for (unit, conflicts) in try conflicts(in: desired) { inventory.facts[unit]?.conflicts += conflicts }
    let related = Array(inventory.facts.keys) + units.flatMap { inventory.facts[$0]?.conflicts ?? [] }
    for unit in related where inventory.units[unit] == nil {
      inventory.units[unit] = try services.state(of: unit)
    }
    for tree in desired.trees {
      inventory.above[Files.parent(of: tree.target)] = try FileState.peek(Paths.existingFolder(above: tree.target))
    }
    if mode != .blind { inventory.uses = try services.uses(of: Self.mayChange(desired, inventory), by: units) }
    return inventory
  }

  /// The paths whose users matter; of a tree, or a backup of one, those that change.
  private static func mayChange(_ desired: DesiredState, _ inventory: Inventory) -> [String] {
    let still = desired.settled(in: inventory).files.filter { file in
      (file.tree != nil || desired.files.count > 1000)
        && inventory.file(file.path).differences(to: file.state).isEmpty
    }
    return Array(Set(inventory.files.keys).subtracting(still.map(\.path)))
  }

  /// The units that must not run beside a unit by the unit files that are to be: the manager may not know them yet.
  private func conflicts(in desired: DesiredState) throws -> [String: [String]] {
    guard mode == .whole else { return [:] }
    var conflicts: [String: [String]] = [:]
    for file in desired.files where file.state.type == .file && UnitFolders.contain(file.path) {
      guard let origin = file.origin else { continue }
      let unit = UnitCompanions.unit(ofFile: file.path) ?? file.unit
      let text = UnitText(String(decoding: try Files.read(origin), as: UTF8.self))
      for setting in text.settings where setting.section == "Unit" && setting.key == "Conflicts" {
        conflicts[unit, default: []] += setting.value.split(separator: " ").map(String.init)
      }
    }
    return conflicts
  }

  private static func look(
    at path: String, expecting expected: FileState, _ mode: Mode, _ digests: KnownDigests, _ last: inout LastFolder
  ) throws -> FileState {
    switch mode {
    case .whole: return try FileState.read(shared: path, in: &last, digest: digests.digest)
    case .tolerant: return (try? FileState.read(shared: path, expecting: expected)) ?? FileState(.other)
    case .blind: return FileState(.other)
    }
  }

  /// Without content where this user may not read it: only root acts on what is found, the others look at a plan.
  private func look(atCompanion path: String) throws -> FileState {
    do {
      return try FileState.read(shared: path, digest: digests.digest)
    } catch is UntrustedLink {
      // Whoever made that link does not choose what is saved and put back.
      return FileState(.other)
    } catch let error as FileError where error.errno == .permissionDenied && !Caller.isRoot {
      return try FileState.peek(path)
    } catch  where mode == .tolerant {
      return FileState(.other)
    }
  }

  /// The companions of the units, and of the sockets, timers and other units whose files come with them.
  private func companions(of desired: DesiredState) throws -> [UnitArtifact] {
    let own = desired.units.map { (unit: $0.unit, owner: $0.unit) }
    let brought = desired.files.lazy.filter { $0.role == nil }.compactMap { file in
      UnitCompanions.unit(ofFile: file.path).map { (unit: $0, owner: file.unit) }
    }
    var asked: Set<String> = []
    var found: Set<String> = []
    var companions: [UnitArtifact] = []
    for (unit, owner) in own + brought where asked.insert(unit).inserted {
      for companion in try services.companions(of: unit) where found.insert(companion.path).inserted {
        companions.append(UnitArtifact(path: companion.path, unit: owner, role: companion.role))
      }
    }
    let listed = Set(desired.units.map(\.unit))
    let planned = Dictionary(
      grouping: desired.files.lazy.filter { $0.state.type == .file && UnitFolders.contain($0.path) },
      by: { UnitCompanions.unit(ofFile: $0.path) ?? "" })
    for (unit, owner) in own + brought {
      // What it enables and disables together with itself.
      for also in try alsoEnabled(by: unit, planned[unit] ?? [])
      where !listed.contains(also) && asked.insert(also).inserted {
        companions += try services.companions(of: also).filter { $0.role == .link && found.insert($0.path).inserted }
          .map { UnitArtifact(path: $0.path, unit: owner, role: .link) }
      }
    }
    return companions
  }

  /// What `Also=` names in a unit's file, as it is and as it is to be.
  private func alsoEnabled(by unit: String, _ planned: [DesiredState.File]) throws -> [String] {
    // Where an alias leads; a pipe in such a place would be waited for.
    let present = UnitFolders.administrator.compactMap { Paths.of("\($0)/\(unit)") }
      .filter { (try? FileState.peek($0))?.type == .file }
    return try (planned.compactMap(\.origin) + present).flatMap { path in
      UnitText(String(decoding: try Files.read(path), as: UTF8.self)).settings
        .filter { $0.section == "Install" && $0.key == "Also" }
        .flatMap { $0.value.split(separator: " ").map(String.init) }
    }.uniqued()
  }
}
