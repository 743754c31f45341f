internal import Deployment
package import Units

/// The files that will make up a unit, found as systemd finds them (systemd.unit(5), "Unit File Load Path").
package struct UnitFiles {
  /// The unit file; `nil` where there will be none.
  package let fragment: PlannedFileSystem.File?
  /// In the order in which they apply.
  package let dropIns: [PlannedFileSystem.File]

  package var all: [PlannedFileSystem.File] { [fragment].compactMap(\.self) + dropIns }

  package init(_ name: UnitName, _ future: PlannedFileSystem) throws {
    try self.init(name, future, future.listing(UnitFolders.searched))
  }

  /// - Parameter names: those in the folders that are searched, so that hundreds of units need not look for each.
  init(_ name: UnitName, _ future: PlannedFileSystem, _ names: [String: Set<String>]) throws {
    func places(of name: String) -> [String] {
      UnitFolders.searched.filter { names[$0]?.contains(name) ?? true }.map { $0 + "/" + name }
    }
    fragment = name.files.lazy.flatMap(places).compactMap { future.look($0) }.first
    var found: [String: PlannedFileSystem.File] = [:]
    var hidden: Set<String> = []
    for dropIns in name.dropInFolders + [name.typeDropInFolder] {
      for folder in places(of: dropIns) {
        for file in try future.names(in: folder) where file.hasSuffix(".conf") && found[file] == nil {
          guard !hidden.contains(file), let look = future.look(folder + "/" + file) else { continue }
          // One that is a link to /dev/null takes those of the same name away that would come after it.
          if look.state.type == .file { found[file] = look } else { hidden.insert(file) }
        }
      }
    }
    dropIns = found.sorted { $0.key < $1.key }.map(\.value)
  }
}
