internal import Deployment

/// A file that a Debian package brings is replaced: the package's next update may replace it again.
package struct PackagedTargets: PreflightCheck {
  /// So many files are asked for.
  private static let most = 500

  package func findings(_ situation: PreflightSituation) -> [String] { [] }

  package func remarks(_ situation: PreflightSituation) async -> [String] {
    // What lies in a tree is the release's own.
    let replaced = situation.plan.installs.filter { file in
      file.tree == nil && situation.inventory.file(file.path).type == .file
    }.map(\.path).prefix(Self.most)
    guard !replaced.isEmpty else { return [] }
    let owners = await PackageOwners(of: Set(replaced))
    let byPackage = Dictionary(grouping: replaced.filter { owners[$0] != nil }) { owners[$0] ?? "" }
    return byPackage.sorted { $0.key < $1.key }.map { package, paths in
      "the Debian package \(package) brings \(paths.map { "'\($0)'" }.joined(separator: ", ")) too: its next update may "
        + "replace what is deployed"
    }
  }
}
