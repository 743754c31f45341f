import Deployment
import FoundationEssentials

/// As much of JSON Schema 2020-12 as `docs/qtctl.schema.json` uses. A keyword that is not known here is an error, so
/// that the schema cannot demand what the tests do not look at.
struct ManifestSchema {
  struct Unusable: Error { let reason: String }

  let root: [String: JSONValue]

  init() throws {
    guard
      case .object(let root) = try JSONDecoder().decode(JSONValue.self, from: repositoryFile("docs/qtctl.schema.json"))
    else { throw Unusable(reason: "no object") }
    self.root = root
  }

  /// What of `value` the schema refuses: paths and keywords.
  func violations(of value: JSONValue) throws -> [String] { try violations(of: value, by: root, at: "") }

  private func violations(of value: JSONValue, by schema: [String: JSONValue], at path: String) throws -> [String] {
    var found: [String] = []
    for (keyword, demand) in schema.sorted(by: { $0.key < $1.key }) {
      switch keyword {
      case "$schema", "$defs", "title", "description", "default": break
      case "$ref": found += try violations(of: value, by: definition(demand), at: path)
      case "properties", "items", "prefixItems", "propertyNames":
        found += try children(of: value, by: schema, keyword, at: path)
      case "additionalProperties" where demand != .bool(false):
        found += try children(of: value, by: schema, keyword, at: path)
      default: if try !holds(keyword, demand, value, schema) { found.append("\(path): \(keyword)") }
      }
    }
    return found
  }

  func definition(_ reference: JSONValue) throws -> [String: JSONValue] {
    guard case .string(let text) = reference, text.hasPrefix("#/$defs/"), case .object(let definitions) = root["$defs"],
      case .object(let definition) = definitions[String(text.dropFirst("#/$defs/".count))]
    else { throw Unusable(reason: "no definition \(reference)") }
    return definition
  }

  private func children(
    of value: JSONValue, by schema: [String: JSONValue], _ keyword: String, at path: String
  ) throws -> [String] {
    switch (keyword, schema[keyword], value) {
    case ("properties", .object(let properties), .object(let object)):
      return try object.flatMap { key, value in
        guard case .object(let child) = properties[key] else { return [String]() }
        return try violations(of: value, by: child, at: "\(path).\(key)")
      }
    case ("additionalProperties", .object(let child), .object(let object)):
      // Only where no property is named.
      return try object.flatMap { try violations(of: $1, by: child, at: "\(path).\($0)") }
    case ("propertyNames", .object(let child), .object(let object)):
      return try object.keys.flatMap { try violations(of: .string($0), by: child, at: "\(path).\($0)") }
    case ("items", .object(let child), .array(let items)):
      var skipped = 0
      if case .array(let prefix) = schema["prefixItems"] { skipped = prefix.count }
      return try items.dropFirst(skipped).flatMap { try violations(of: $0, by: child, at: "\(path)[]") }
    case ("prefixItems", .array(let children), .array(let items)):
      return try zip(children, items).flatMap { child, item in
        guard case .object(let child) = child else { throw Unusable(reason: keyword) }
        return try violations(of: item, by: child, at: "\(path)[]")
      }
    default: return []
    }
  }

  private func holds(
    _ keyword: String, _ demand: JSONValue, _ value: JSONValue, _ schema: [String: JSONValue]
  ) throws -> Bool {
    switch (keyword, demand, value) {
    case ("type", .string(let type), _): try Self.type(of: value) == type
    case ("required", .array(let keys), .object(let object)):
      keys.allSatisfy { if case .string(let key) = $0 { object[key] != nil } else { false } }
    case ("additionalProperties", .bool(false), .object(let object)):
      if case .object(let known) = schema["properties"] { object.keys.allSatisfy { known[$0] != nil } } else { false }
    case ("anyOf", .array(let schemas), _):
      try schemas.contains {
        if case .object(let one) = $0 { try violations(of: value, by: one, at: "").isEmpty } else { false }
      }
    case ("enum", .array(let values), _): values.contains(value)
    case ("minProperties", .int(let least), .object(let object)): object.count >= least
    case ("minItems", .int(let least), .array(let items)): items.count >= least
    case ("minLength", .int(let least), .string(let text)): text.unicodeScalars.count >= least
    case ("maxLength", .int(let most), .string(let text)): text.unicodeScalars.count <= most
    case ("minimum", .int(let least), .int(let number)): number >= least
    case ("maximum", .int(let most), .int(let number)): number <= most
    case ("pattern", .string(let pattern), .string(let text)):
      try text.contains(Regex(pattern).matchingSemantics(.unicodeScalar))
    case ("required", _, _), ("additionalProperties", .bool(false), _), ("minItems", _, _), ("minProperties", _, _),
      ("minLength", _, _),
      ("maxLength", _, _), ("minimum", _, _), ("maximum", _, _), ("pattern", _, _):
      true  // It speaks of another type; `type` has its own word.
    default: throw Unusable(reason: "the keyword '\(keyword)' is not known to this test")
    }
  }

  private static func type(of value: JSONValue) throws -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension ManifestSchema {
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
