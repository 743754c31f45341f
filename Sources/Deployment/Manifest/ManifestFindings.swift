/// What the decoding of one manifest has found so far. All cursors of one decoding share it; it never leaves the task
/// that decodes.
final class ManifestFindings {
  private(set) var problems: [ManifestError.Problem] = []
  /// The keys that the decoder asked for, by section (`services[].files[]`): what a manifest may contain.
  private(set) var keys: [String: Set<String>] = [:]
  /// Values that must be unique, by what they are: `unit`, `target`, …
  private(set) var claims: [String: [String: ManifestPosition]] = [:]
  /// Units that the checks name, to be compared with the services once these are all known.
  private(set) var references: [(unit: String, node: ManifestNode)] = []

  func add(_ message: String, at position: ManifestPosition) {
    problems.append(ManifestError.Problem(line: position.line, column: position.column, message: message))
  }

  func asked(_ names: [String], in section: String) {
    keys[section, default: []].formUnion(names)
  }

  /// Claims a value that only one place of the manifest may have.
  ///
  /// - Returns: The place of the first claim, where this is not the first.
  func claim(_ value: String, as kind: String, at position: ManifestPosition) -> ManifestPosition? {
    if let first = claims[kind]?[value] { return first }
    claims[kind, default: [:]][value] = position
    return nil
  }

  func refer(to unit: String, from node: ManifestNode) {
    references.append((unit, node))
  }

  func error(in file: String) -> ManifestError {
    ManifestError(file: file, problems: problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
  }
}
