internal import Deployment
internal import FileOperations

/// The links that make units start with others, and the units' other names, as they lie in the administrator's folders.
/// The folders are read once, when the first unit is asked for.
package final class UnitLinks {
  private let folders: [String]
  private var byUnit: [String: [String]]?

  package init(folders: [String] = UnitFolders.administrator) { self.folders = folders }

  /// The paths of those that lead to a unit or bear its name.
  func of(_ unit: String) throws -> [String] {
    if byUnit == nil { byUnit = try read() }
    return byUnit?[unit] ?? []
  }

  private func read() throws -> [String: [String]] {
    var found: [String: [String]] = [:]
    for folder in folders {
      for entry in try Files.names(in: folder) {
        let path = folder + "/" + entry
        guard [".wants", ".requires", ".upholds"].contains(where: entry.hasSuffix) else {
          if let target = Self.target(of: path), target != entry { found[target, default: []].append(path) }
          continue
        }
        for name in try Files.names(in: path) {
          let link = path + "/" + name
          for unit in Set([name, Self.target(of: link) ?? name]) { found[unit, default: []].append(link) }
        }
      }
    }
    return found
  }

  private static func target(of path: String) -> String? { Paths.link(path).map(Paths.name) }
}
