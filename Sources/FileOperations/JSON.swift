package import Deployment
internal import FoundationEssentials

/// JSON as qtctl writes it to disk: keys sorted, slashes plain, so that the same value is the same bytes.
package enum JSON {
  package static func line(_ value: some Encodable) throws -> [UInt8] { try encode(value, []) }
  package static func page(_ value: some Encodable) throws -> [UInt8] { try encode(value, .prettyPrinted) }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Collection<UInt8>, path: String)
    throws
    -> Value
  {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw UnreadableRecord(path: path, why: "\(error)")
    }
  }

  private static func encode(_ value: some Encodable, _ extra: JSONEncoder.OutputFormatting) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, extra]
    return [UInt8](try encoder.encode(value)) + [UInt8(ascii: "\n")]
  }
}

extension JSONValue {
  /// As a person reads it on one line.
  package var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let values):
      "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
    }
  }
}
