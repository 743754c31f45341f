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

  /// What of the host a desired state concerns.
  func read(for desired: DesiredState) throws -> Inventory {
    try read(paths: desired.files.map(\.path), folders: desired.emptyFolders, units: desired.units.map(\.unit))
  }
}
