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
    let candidates = name.files.flatMap { file in UnitFolders.searched.map { $0 + "/" + file } }
    fragment = candidates.lazy.compactMap { future.look($0) }.first
    var found: [String: PlannedFileSystem.File] = [:]
    var hidden: Set<String> = []
    for dropIns in name.dropInFolders + [name.typeDropInFolder] {
      for folder in UnitFolders.searched.map({ $0 + "/" + dropIns }) {
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
