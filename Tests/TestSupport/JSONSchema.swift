package import Deployment
internal import FoundationEssentials

/// As much of JSON Schema 2020-12 as the schemas in `docs/` use. A keyword that is not known here is an error, so that a
/// schema cannot demand what the tests do not look at.
package struct JSONSchema: Sendable {
  package struct Unusable: Error { let reason: String }

  package let root: [String: JSONValue]
  /// Whether a key that the schema does not name is a violation, also where the schema leaves that open for later versions.
  package let isClosed: Bool

  /// - Parameter path: from the root of the checkout.
  package init(_ path: String, isClosed: Bool = false) throws {
    let data = try Data(contentsOf: URL(filePath: Checkout.root + "/" + path))
    guard case .object(let root) = try JSONDecoder().decode(JSONValue.self, from: data) else {
      throw Unusable(reason: "no object")
    }
    self.root = root
    self.isClosed = isClosed
  }

  /// What of a document the schema refuses: paths and keywords.
  package func violations(ofDocument bytes: [UInt8]) throws -> [String] {
    try violations(of: JSONDecoder().decode(JSONValue.self, from: Data(bytes)))
  }

  /// What of `value` the schema refuses: paths and keywords.
  package func violations(of value: JSONValue) throws -> [String] { try violations(of: value, by: root, at: "") }

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

  package func definition(_ reference: JSONValue) throws -> [String: JSONValue] {
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
        guard case .object(let child) = properties[key] else { return isClosed ? ["\(path): unknown key \(key)"] : [] }
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
    case ("type", .string(let type), _):
      Self.type(of: value) == type || type == "number" && Self.type(of: value) == "integer"
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

  private static func type(of value: JSONValue) -> String {
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
