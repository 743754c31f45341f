internal import Deployment

/// A file that a Debian package brings is replaced: the package's next update may replace it again.
package struct PackagedTargets: PreflightCheck {
  /// So many files are asked for.
  private static let most = 500

  package func findings(_ situation: PreflightSituation) -> [String] { [] }

  package func remarks(_ situation: PreflightSituation) async -> [String] {
    guard let lookup = situation.packageOwners else { return [] }
    let (replaced, owners) = (Self.replaced(situation.change), await lookup.value)
    let byPackage = Dictionary(grouping: replaced.filter { owners[$0] != nil }) { owners[$0] ?? "" }
    return byPackage.sorted { $0.key < $1.key }.map { package, paths in
      "the Debian package \(package) brings \(paths.map { "'\($0)'" }.joined(separator: ", ")) too: its next update may "
        + "replace what is deployed"
    }
  }

  /// What is there and the plan replaces. What lies in a tree is the release's own.
  private static func replaced(_ change: PreflightSituation.Change) -> [String] {
    change.plan.installs.lazy.filter { file in
      file.tree == nil && change.inventory.file(file.path).type == .file
    }.map(\.path).prefix(most).map(\.self)
  }

  /// Asks dpkg beside all else, since it takes some hundredths of a second; `nil` where there is nothing to ask.
  static func owners(_ change: PreflightSituation.Change) -> Task<PackageOwners, Never>? {
    let paths = Set(replaced(change))
    return paths.isEmpty ? nil : Task { await PackageOwners(of: paths) }
  }
}
