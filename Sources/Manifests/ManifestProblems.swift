internal import Deployment
internal import Basics

/// A manifest that was refused: everything that is wrong with it, in the order of the file.
package struct ManifestError: Error, Sendable, Hashable {
  /// One thing that is wrong and where.
  package struct Problem: Sendable, Hashable {
    /// From 1.
    package let line: Int
    /// From 1, counted in Unicode scalars.
    package let column: Int
    /// What is wrong, on which key, and what to write instead. Never shows a password of the manifest.
    package let message: String
  }

  /// The file's name as it was given.
  package let file: String
  /// Never empty; sorted by line and column.
  package let problems: [Problem]
}

extension ManifestError: CustomStringConvertible {
  /// A line `file:line:column: message` for each problem, and what to do next. A file with hundreds of problems is no
  /// manifest: of those the first fifty are shown and the others counted.
  package var description: String {
    let shown = 50
    var lines = problems.prefix(shown).map { "\(file):\($0.line):\($0.column): \($0.message)" }
    if problems.count > shown { lines.append("… and \(problems.count - shown) more") }
    let these = problems.count == 1 ? "this" : "these"
    lines.append("Fix \(these) in '\(file)' and run the command again; docs/manifest.md describes every key.")
    return lines.joined(separator: "\n")
  }
}

/// What the decoding of one manifest has found so far. All cursors of one decoding share it; it never leaves the task
/// that decodes.
final class ManifestFindings {
  private(set) var problems: [ManifestError.Problem] = []
  /// The keys that the decoder asked for, by section (`services[].files[]`): what a manifest may contain.
  private(set) var keys: [String: Set<String>] = [:]
  private var lastAsked: (section: String, names: [String]) = ("", [])
  /// Values that must be unique, by what they are: `unit`, `target`, …
  private(set) var claims: [String: [String: YAMLPosition]] = [:]
  /// Units that the checks name, to be compared with the services once these are all known.
  private(set) var references: [(unit: String, node: ManifestNode, mustBeService: Bool)] = []

  func add(_ message: String, at position: YAMLPosition) {
    problems.append(ManifestError.Problem(line: position.line, column: position.column, message: message))
  }

  func asked(_ names: [String], in section: String) {
    // The same as before, for each of thousands of files.
    guard lastAsked.section != section || lastAsked.names != names else { return }
    lastAsked = (section, names)
    keys[section, default: []].formUnion(names)
  }

  /// Claims a value that only one place of the manifest may have.
  ///
  /// - Returns: The place of the first claim, where this is not the first.
  func claim(_ value: String, as kind: String, at position: YAMLPosition) -> YAMLPosition? {
    if let first = claims[kind]?[value] { return first }
    claims[kind, default: [:]][value] = position
    return nil
  }

  func refer(to unit: String, from node: ManifestNode, mustBeService: Bool = false) {
    references.append((unit, node, mustBeService))
  }

  func error(in file: String) -> ManifestError {
    ManifestError(file: file, problems: problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
  }
}

extension ManifestFindings {
  /// Records each unit named by a check that is one of the services but for a misspelling. A unit far from all of them
  /// is left alone: a check may look at a unit that another manifest manages.
  func checkReferences() {
    let services = claims["unit", default: [:]].keys.sorted()
    for (unit, node, mustBeService) in references where !services.contains(unit) {
      if let meant = NearestWord.nearest(to: unit, in: services, edits: 2) {
        node.complain("'\(unit)' is not one of the services; did you mean '\(meant)'?")
      } else if mustBeService {
        node.complain("'\(unit.shortened)' is not one of the services; add it to them or name another one")
      }
    }
  }

  /// Records each target that is inside another one.
  func checkNestedTargets() {
    let targets = claims["target", default: [:]]
    for (target, position) in targets {
      var folder = target[...]
      while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
        folder = folder[..<slash]
        guard let outer = targets[String(folder)] else { continue }
        add(
          "target '\(target.shortened)' is inside the target in line \(outer.line); a path has one source", at: position
        )
      }
    }
  }
}
