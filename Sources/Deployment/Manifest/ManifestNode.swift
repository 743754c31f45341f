internal import Yams

/// One value of the manifest's text: what is written, where, and under which path of keys.
struct ManifestNode {
  let node: Node
  /// Where the value stands, for people: `services[0].files[1].target`; empty for the whole manifest.
  let path: String
  /// The same without numbers: `services[].files[].target`; equal for all places that are read alike.
  let section: String
  let findings: ManifestFindings

  /// Yams marks every node that it parsed; one without a mark would stand at the file's begin.
  var position: ManifestPosition { node.mark.map(ManifestPosition.init) ?? .begin }

  /// Records that this value is wrong.
  func complain(_ message: String) {
    findings.add((path.isEmpty ? "" : "\(path): ") + message, at: position)
  }

  /// The value under a key of this mapping.
  func child(_ node: Node, key: String) -> ManifestNode {
    ManifestNode(
      node: node, path: path.isEmpty ? key : "\(path).\(key)",
      section: section.isEmpty ? key : "\(section).\(key)", findings: findings)
  }

  /// The items of a list; `nil`, and recorded, where this is none.
  func items() -> [ManifestNode]? {
    guard isPlainYAML() else { return nil }
    guard case .sequence(let sequence) = node else { return mismatch("a list") }
    return sequence.enumerated().map { index, item in
      ManifestNode(node: item, path: "\(path)[\(index)]", section: "\(section)[]", findings: findings)
    }
  }

  /// The keys and values of a mapping; `nil`, and recorded, where this is none.
  func pairs() -> [(key: ManifestNode, value: Node)]? {
    guard isPlainYAML() else { return nil }
    guard case .mapping(let mapping) = node else { return mismatch("a mapping of keys to values") }
    return mapping.map { key, value in
      (ManifestNode(node: key, path: path, section: section, findings: findings), value)
    }
  }

  /// The scalar; `nil`, and recorded, where this is none.
  func scalar(as wanted: String) -> ManifestScalar? {
    guard isPlainYAML() else { return nil }
    guard case .scalar(let scalar) = node else { return mismatch(wanted) }
    return ManifestScalar(scalar)
  }

  /// Records that this is something else than what is wanted. Always `nil`.
  func mismatch<Value>(_ wanted: String) -> Value? {
    switch kind {
    case .nothing: complain("must be \(wanted), but it has no value; give it one or remove the key")
    case let other: complain("must be \(wanted), not \(other.rawValue)")
    }
    return nil
  }

  var kind: ManifestScalar.Kind {
    switch node {
    case .scalar(let scalar): ManifestScalar(scalar).kind
    case .mapping: .mapping
    case .sequence: .list
    case .alias: .alias
    }
  }

  /// Anchors, aliases and tags are refused: they let a value stand elsewhere than where it is used, and a few lines of
  /// them expand without bound. An alias arrives here as its anchored node, so one test covers both.
  private func isPlainYAML() -> Bool {
    if node.anchor != nil {
      complain("anchors (&name) and aliases (*name) are not allowed; write the value out where it is used")
      return false
    }
    // Read without resolver rules, a node is tagged by its shape; any other tag was written.
    if ![Tag(.str), Tag(.seq), Tag(.map)].contains(node.tag) {
      complain("tags (!name) are not allowed; write the value without one")
      return false
    }
    return true
  }
}
