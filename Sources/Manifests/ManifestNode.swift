internal import Deployment

/// One value of the manifest's text: what is written, where, and under which path of keys.
struct ManifestNode {
  let node: YAMLNode
  let place: ManifestPlace
  let findings: ManifestFindings

  /// Where the value is, for people: `services[0].files[1].target`; empty for the whole manifest.
  var path: String { place.text(counted: true) }
  /// The same without numbers: `services[].files[].target`; equal for all places that are read alike.
  var section: String { place.text(counted: false) }

  var position: YAMLPosition { node.position }

  /// Records that this value is wrong.
  func complain(_ message: String) {
    let path = path
    findings.add((path.isEmpty ? "" : "\(path): ") + message, at: position)
  }

  /// The value under a key of this mapping.
  func child(_ node: YAMLNode, key: String) -> ManifestNode {
    ManifestNode(node: node, place: ManifestPlace(.key(key), in: place), findings: findings)
  }

  /// The items of a list; `nil`, and recorded, where this is none.
  func items() -> [ManifestNode]? {
    guard isPlainYAML() else { return nil }
    guard case .list(let items) = node.content else { return mismatch("a list") }
    return items.enumerated().map { index, item in
      ManifestNode(node: item, place: ManifestPlace(.item(index), in: place), findings: findings)
    }
  }

  /// The keys and values of a mapping; `nil`, and recorded, where this is none. A key that occurs a second time is
  /// recorded and left out.
  func pairs() -> [(key: ManifestNode, value: YAMLNode)]? {
    guard isPlainYAML() else { return nil }
    guard case .mapping(let pairs) = node.content else { return mismatch("a mapping of keys to values") }
    var lines: [String: Int] = [:]
    return pairs.compactMap { key, value in
      let key = ManifestNode(node: key, place: place, findings: findings)
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

/// Where a value of the manifest is. Its text is made only where somebody reads it: a manifest may have a hundred thousand
/// values, and nothing is wrong with most of them.
final class ManifestPlace {
  enum Step {
    case key(String)
    case item(Int)
  }

  private let step: (last: Step, above: ManifestPlace)?

  /// The whole manifest.
  init() { step = nil }

  init(_ last: Step, in above: ManifestPlace) { step = (last, above) }

  /// - Parameter counted: whether items of lists have their numbers.
  func text(counted: Bool) -> String {
    guard let step else { return "" }
    let above = step.above.text(counted: counted)
    return switch step.last {
    case .key(let key): above.isEmpty ? key : "\(above).\(key)"
    case .item(let number): counted ? "\(above)[\(number)]" : above + "[]"
    }
  }
}

/// A scalar as it is written, and what YAML takes it for.
///
/// The readers of YAML 1.1 and 1.2 disagree on what an unquoted `0755`, `yes` or `1_000` is. Text is only what both
/// take for text; numbers and truth values are only what both take for the same.
struct ManifestScalar {
  enum Kind: String {
    case text
    case number = "a number"
    case truth = "true or false"
    case nothing
    case list = "a list"
    case mapping = "a mapping"
  }

  /// Without quotes and escapes.
  let text: String
  let kind: Kind

  init(_ text: String, isPlain: Bool) {
    self.text = text
    // Quoted and block scalars are always text.
    kind = isPlain ? Self.kind(ofPlain: text) : .text
  }

  /// What an unquoted scalar is to a YAML 1.1 or to a YAML 1.2 reader. Source: yaml.org/type (1.1) and the core schema
  /// of YAML 1.2.2, section 10.3.
  static func kind(ofPlain text: String) -> Kind {
    if text.utf8.count <= 5, let word = words[text] { return word }
    // What begins otherwise is no number to anybody.
    guard let first = text.utf8.first, (0x30..<0x3A).contains(first) || "+-.".utf8.contains(first) else { return .text }
    return isNumber(text) ? .number : .text
  }

  private static let words: [String: Kind] = {
    var words = Dictionary(uniqueKeysWithValues: ["", "~", "null", "Null", "NULL"].map { ($0, Kind.nothing) })
    for word in [
      "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off",
      "Off", "OFF",
    ] { words[word] = .truth }
    return words
  }()

  private static func isNumber(_ text: String) -> Bool {
    var rest = text[...]
    if let sign = rest.first, "+-".contains(sign) { rest.removeFirst() }
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(rest) { return true }
    guard let first = rest.first, first.isASCII, first.isNumber || first == "." else { return false }
    for (prefix, digits) in [("0x", "0123456789abcdefABCDEF_"), ("0o", "01234567_"), ("0b", "01_")]
    where rest.hasPrefix(prefix) {
      return rest.count > 2 && rest.dropFirst(2).allSatisfy { digits.contains($0) }
    }
    // Base 60, as in 1:30, is a number to YAML 1.1.
    let sixties = rest.split(separator: ":", omittingEmptySubsequences: false)
    if sixties.count > 1 {
      return sixties.dropLast().allSatisfy(isDigits) && isDecimal(sixties.last ?? "")
    }
    let parts = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard parts.count == 2 else { return isDecimal(rest) }
    // trap: counted
    let exponent = parts[1].first.map { "+-".contains($0) } == true ? parts[1].dropFirst() : parts[1]
    // trap: counted
    return isDecimal(parts[0]) && isDigits(exponent)
  }

  private static func isDecimal(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.contains(where: isDigits) && parts.allSatisfy { $0.isEmpty || isDigits($0) }
  }

  private static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "_" } && text.first != "_"
  }
}
