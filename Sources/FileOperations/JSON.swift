package import Deployment
internal import FoundationEssentials
internal import Synchronization

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

  /// As `decode`, for records that a command reads several times: of the latest few large ones, equal bytes are decoded once.
  /// The record of a tree of 20,000 files takes a third of a second.
  package static func decodeOnce<Value: Decodable & Sendable>(_ type: Value.Type, from bytes: [UInt8], path: String)
    throws -> Value
  {
    guard bytes.count >= large else { return try decode(type, from: bytes, path: path) }
    let digest = Digest.bytes(bytes)
    let known = decoded.withLock { $0.lazy.filter { $0.digest == digest }.compactMap { $0.value as? Value }.first }
    if let known { return known }
    let value = try decode(type, from: bytes, path: path)
    decoded.withLock { decoded in
      decoded.append((digest, value))
      if decoded.count > mostDecoded { decoded.removeFirst() }
    }
    return value
  }

  /// In bytes: what is smaller is decoded as quickly as it is found.
  private static let large = 1 << 16
  private static let mostDecoded = 4
  /// Oldest first.
  private static let decoded = Mutex<[(digest: String, value: any Sendable)]>([])

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
