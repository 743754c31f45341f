/// What the server answered, whole and owned by Swift.
public enum Reply: Sendable, Hashable {
  /// A simple string such as `OK`.
  case status(String)
  /// An error, also one inside an array, as EXEC and scripts have them.
  case error(ServerError)
  case integer(Int64)
  /// A bulk string that is UTF-8, the empty one included.
  case text(String)
  /// A bulk string that is not UTF-8.
  case bytes([UInt8])
  case array([Reply])
  /// The nil reply: no such key, no such field, nothing in time.
  case null
}

extension Reply {
  /// The text of a status or of a bulk string; nil for every other reply.
  public var string: String? {
    switch self {
    case .status(let text), .text(let text): text
    default: nil
    }
  }

  /// The bytes of a bulk string, whatever they are; nil for every other reply.
  public var rawBytes: [UInt8]? {
    switch self {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: nil
    }
  }

  /// The number of an integer reply, or the one that a text spells; nil for every other reply.
  public var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .text(let text), .status(let text): Int64(text)
    default: nil
    }
  }

  /// The elements of an array; nil for every other reply, the nil reply included.
  public var array: [Reply]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  public var isNull: Bool { self == .null }

  /// The error of an error reply.
  public var serverError: ServerError? {
    if case .error(let error) = self { error } else { nil }
  }

  /// The value behind `name` in an array of alternating names and values, which is how RESP2 writes a map.
  public subscript(name: String) -> Reply? {
    guard case .array(let elements) = self else { return nil }
    var index = 0
    while index + 1 < elements.count {
      // trap: counted
      if elements[index].string == name { return elements[index + 1] }
      index += 2
    }
    return nil
  }

  /// What kind of reply it is, for error messages; its content is not told.
  public var kind: String {
    switch self {
    case .status: "a status"
    case .error: "an error"
    case .integer: "an integer"
    case .text: "a text"
    case .bytes: "bytes that are not text"
    case .array(let elements): "an array of \(elements.count)"
    case .null: "nil"
    }
  }
}

extension Reply {
  /// The text that was expected of `command`, or an error that says what came instead.
  public func requireString(of command: String) throws(RedisError) -> String {
    guard let string else { throw mismatch(command, wanted: "a text") }
    return string
  }

  public func requireInteger(of command: String) throws(RedisError) -> Int64 {
    guard let integer else { throw mismatch(command, wanted: "an integer") }
    return integer
  }

  public func requireArray(of command: String) throws(RedisError) -> [Reply] {
    guard let array else { throw mismatch(command, wanted: "an array") }
    return array
  }

  /// The error for a reply that `command` should not have had; a server's error stays one.
  public func mismatch(_ command: String, wanted: String) -> RedisError {
    if case .error(let error) = self { return .server(error) }
    return .unexpected(command: command, wanted: wanted, got: kind)
  }
}
