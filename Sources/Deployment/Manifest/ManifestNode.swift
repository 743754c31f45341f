/// One value of the manifest's text: what is written, where, and under which path of keys.
struct ManifestNode {
  let node: YAMLNode
  /// Where the value is, for people: `services[0].files[1].target`; empty for the whole manifest.
  let path: String
  /// The same without numbers: `services[].files[].target`; equal for all places that are read alike.
  let section: String
  let findings: ManifestFindings

  var position: YAMLPosition { node.position }

  /// Records that this value is wrong.
  func complain(_ message: String) {
    findings.add((path.isEmpty ? "" : "\(path): ") + message, at: position)
  }

  /// The value under a key of this mapping.
  func child(_ node: YAMLNode, key: String) -> ManifestNode {
    ManifestNode(
      node: node, path: path.isEmpty ? key : "\(path).\(key)",
      section: section.isEmpty ? key : "\(section).\(key)", findings: findings)
  }

  /// The items of a list; `nil`, and recorded, where this is none.
  func items() -> [ManifestNode]? {
    guard isPlainYAML() else { return nil }
    guard case .list(let items) = node.content else { return mismatch("a list") }
    return items.enumerated().map { index, item in
      ManifestNode(node: item, path: "\(path)[\(index)]", section: "\(section)[]", findings: findings)
    }
  }

  /// The keys and values of a mapping; `nil`, and recorded, where this is none. A key that occurs a second time is
  /// recorded and left out.
  func pairs() -> [(key: ManifestNode, value: YAMLNode)]? {
    guard isPlainYAML() else { return nil }
    guard case .mapping(let pairs) = node.content else { return mismatch("a mapping of keys to values") }
    var lines: [String: Int] = [:]
    return pairs.compactMap { key, value in
      let key = ManifestNode(node: key, path: path, section: section, findings: findings)
      if case .scalar(let name, _) = key.node.content {
        if let line = lines[name] {
          key.complain("duplicate key '\(name.shortened)'; it is already in line \(line)")
          return nil
        }
        lines[name] = key.position.line
      }
      return (key, value)
    }
  }

  /// The scalar; `nil`, and recorded, where this is none.
  func scalar(as wanted: String) -> ManifestScalar? {
    guard isPlainYAML() else { return nil }
    guard case .scalar(let text, let isPlain) = node.content else { return mismatch(wanted) }
    return ManifestScalar(text, isPlain: isPlain)
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
    switch node.content {
    case .scalar(let text, let isPlain): ManifestScalar(text, isPlain: isPlain).kind
    case .mapping: .mapping
    case .list: .list
    case .alias: .nothing
    }
  }

  /// Anchors, aliases and tags are refused: they let a value be written elsewhere than where it is used.
  private func isPlainYAML() -> Bool {
    if case .alias = node.content {
      complain("aliases (*name) are not allowed; write the value out where it is used")
      return false
    }
    switch node.property {
    case .anchor?: complain("anchors (&name) are not allowed; write the value out where it is used")
    case .tag?: complain("tags (!name) are not allowed; write the value without one")
    case nil: return true
    }
    return false
  }
}
