import FoundationEssentials

@testable import Deployment
@testable import Manifests

/// A file of the repository that these tests belong to.
func repositoryFile(_ path: String) throws -> Data {
  let tests = URL(filePath: #filePath).deletingLastPathComponent()
  return try Data(contentsOf: tests.appending(path: "../../\(path)").standardized)
}

/// A YAML text as programs that know nothing of qtctl read it: by the rules of YAML 1.1 (yaml.org/type). Aliases are
/// not looked up.
func generalValue(of yaml: String) throws -> JSONValue {
  func value(_ node: YAMLNode) -> JSONValue {
    switch node.content {
    case .scalar(let text, let isPlain): isPlain || node.property == .tag ? plain(text) : .string(text)
    case .list(let items): .array(items.map(value))
    case .mapping(let pairs):
      .object(Dictionary(pairs.map { (name($0.key), value($0.value)) }) { first, _ in first })
    case .alias: .null
    }
  }
  func name(_ key: YAMLNode) -> String { if case .scalar(let text, _) = key.content { text } else { "" } }
  let text = yaml.hasPrefix("\u{FEFF}") ? String(yaml.unicodeScalars.dropFirst()) : yaml
  let parser = try YAMLParser(text.utf8)
  let root = try parser.nextDocument()
  if let second = try parser.nextDocument() { throw YAMLError(position: second.position, message: "a second document") }
  return root.map(value) ?? .null
}

private func plain(_ text: String) -> JSONValue {
  func matches(_ pattern: String) -> Bool { (try? Regex(pattern).wholeMatch(in: text)) != nil }
  let digits = text.filter { $0 != "_" }
  if matches("~|null|Null|NULL|") { return .null }
  if matches("yes|Yes|YES|true|True|TRUE|on|On|ON") { return .bool(true) }
  if matches("no|No|NO|false|False|FALSE|off|Off|OFF") { return .bool(false) }
  if matches("[-+]?(0|[1-9][0-9_]*)") { return Int(digits).map(JSONValue.int) ?? .double(.nan) }
  if matches("[-+]?0[0-7_]+") { return Int(digits, radix: 8).map(JSONValue.int) ?? .double(.nan) }
  if matches("[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*(:[0-5]?[0-9])+)") { return .double(.nan) }
  if matches(#"[-+]?([0-9][0-9_]*)\.[0-9_]*([eE][-+][0-9]+)?|[-+]?\.[0-9_]+([eE][-+][0-9]+)?|[-+]?\.(inf|nan)"#) {
    return .double(Double(digits) ?? .nan)
  }
  return .string(text)
}
