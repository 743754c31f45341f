import Deployment
import FoundationEssentials
import Yams

/// A file of the repository that these tests belong to.
func repositoryFile(_ path: String) throws -> Data {
  let tests = URL(filePath: #filePath).deletingLastPathComponent()
  return try Data(contentsOf: tests.appending(path: "../../\(path)").standardized)
}

/// A YAML text as programs that know nothing of qtctl read it: by the rules of YAML 1.1.
func generalValue(of yaml: String) throws -> JSONValue {
  func value(_ node: Node) -> JSONValue {
    switch node {
    case .scalar:
      switch node.tag.rawTag {
      case "null": .null
      case "bool": node.bool.map(JSONValue.bool) ?? .null
      case "int": node.int.map(JSONValue.int) ?? .double(.nan)
      case "float": .double(node.float ?? .nan)
      default: .string(node.scalar?.string ?? "")
      }
    case .sequence(let items): .array(items.map(value))
    case .mapping(let pairs):
      .object(Dictionary(pairs.map { ($0.key.scalar?.string ?? "", value($0.value)) }) { first, _ in first })
    case .alias: .null
    }
  }
  return try compose(
    yaml: yaml.hasPrefix("\u{FEFF}") ? String(yaml.unicodeScalars.dropFirst()) : yaml, .default, .default, .utf8
  ).map(value) ?? .null
}

extension Tag {
  fileprivate var rawTag: String {
    let kinds: [(Tag.Name, String)] = [(.null, "null"), (.bool, "bool"), (.int, "int"), (.float, "float")]
    return kinds.first { self == Tag($0.0) }?.1 ?? "other"
  }
}
