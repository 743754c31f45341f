import Deployment
import FoundationEssentials
import TestSupport

extension JSONSchema {
  /// Of `qtctl.yaml`.
  static func manifest() throws -> JSONSchema { try JSONSchema("docs/qtctl.schema.json") }

  /// The keys that the schema allows, by the section in which they stand, as the decoder names sections.
  func keys() throws -> [String: Set<String>] {
    var keys: [String: Set<String>] = [:]
    try visit(root, "") { section, schema in
      guard case .object(let properties) = schema["properties"] else { return }
      keys[section] = Set(properties.keys)
    }
    return keys
  }

  /// Calls `body` with every schema of an object, by section.
  func visit(_ schema: [String: JSONValue], _ section: String, _ body: (String, [String: JSONValue]) throws -> Void)
    throws
  {
    if let reference = schema["$ref"] { try visit(definition(reference), section, body) }
    if case .object(let items) = schema["items"] { try visit(items, section + "[]", body) }
    if case .array(let options) = schema["anyOf"] {
      for case .object(let option) in options { try visit(option, section, body) }
    }
    guard case .object(let properties) = schema["properties"] else { return }
    try body(section, schema)
    for case (let key, .object(let child)) in properties {
      try visit(child, section.isEmpty ? key : "\(section).\(key)", body)
    }
  }

  /// `document` with every key that has a default and is not there, set to its default; sections that are not there
  /// are made where nothing in them is required.
  func completed(_ document: JSONValue) throws -> JSONValue { try completed(document, root) }

  private func completed(_ value: JSONValue, _ schema: [String: JSONValue]) throws -> JSONValue {
    let schema = try schema["$ref"].map { try definition($0).merging(schema) { $1 } } ?? schema
    switch (value, schema["properties"], schema["items"]) {
    case (.array(let items), _, .object(let child)):
      return .array(try items.map { try completed($0, child) })
    case (.object(var object), .object(let properties), _):
      for case (let key, .object(let child)) in properties {
        let resolved = try child["$ref"].map { try definition($0).merging(child) { $1 } } ?? child
        let empty: JSONValue? = resolved["properties"] != nil && resolved["required"] == nil ? .object([:]) : nil
        object[key] = try (object[key] ?? child["default"] ?? empty).map { try completed($0, child) }
      }
      return .object(object)
    default: return value
    }
  }
}
