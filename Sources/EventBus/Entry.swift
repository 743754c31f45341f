internal import Redis

/// One entry of a stream.
public struct Entry: Sendable, Hashable, Identifiable {
  /// As Redis writes it, `<milliseconds>-<sequence>`.
  public let id: String
  /// The fields in the order of the entry, repeated names included. nil when the entry is pending but no longer in its
  /// stream: somebody deleted or trimmed it before it was acknowledged.
  public let fields: [Field]?
  /// False when a name or a value was not UTF-8 and stands here with U+FFFD in place of what was not: such an entry is
  /// malformed. (A dead letter is copied inside the server and keeps the very bytes.)
  public let isText: Bool

  public init(id: String, fields: [Field]?, isText: Bool = true) {
    self.id = id
    self.fields = fields
    self.isText = isText
  }

  /// The bytes of its names and values.
  public var bytes: Int {
    (fields ?? []).reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
  }

  /// The first value of that name.
  public subscript(name: String) -> String? {
    fields?.first { $0.name == name }?.value
  }
}

/// One named value of an entry.
public struct Field: Sendable, Hashable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension Entry {
  /// Reads `[id, [name, value, …]]`, or `[id, nil]` of an entry that is gone.
  init(_ reply: Reply, of command: String) throws(RedisError) {
    // trap: counted
    guard case .array(let parts) = reply, parts.count == 2, case .text(let id) = parts[0] else {
      throw reply.mismatch(command, wanted: "an entry")
    }
    // trap: counted
    guard case .array(let flat) = parts[1] else {
      // trap: counted
      guard parts[1].isNull else { throw parts[1].mismatch(command, wanted: "the fields of an entry") }
      self.init(id: id, fields: nil)
      return
    }
    var isText = true
    var fields: [Field] = []
    fields.reserveCapacity(flat.count / 2)
    var index = 0
    while index + 1 < flat.count {
      // trap: counted
      fields.append(Field(Self.text(flat[index], &isText), Self.text(flat[index + 1], &isText)))
      index += 2
    }
    self.init(id: id, fields: fields, isText: isText)
  }

  static func list(_ reply: Reply, of command: String) throws(RedisError) -> [Entry] {
    var entries: [Entry] = []
    for element in try reply.requireArray(of: command) { entries.append(try Entry(element, of: command)) }
    return entries
  }

  /// Reads what XREAD and XREADGROUP answer about a single stream; the nil reply is that nothing came in time.
  static func read(_ reply: Reply, of command: String) throws(RedisError) -> [Entry] {
    if reply.isNull { return [] }
    let streams = try reply.requireArray(of: command)
    guard let pair = streams.first?.array, pair.count == 2 else {
      throw reply.mismatch(command, wanted: "a stream and its entries")
    }
    // trap: counted
    return try list(pair[1], of: command)
  }

  private static func text(_ reply: Reply, _ isText: inout Bool) -> String {
    if case .text(let text) = reply { return text }
    isText = false
    return String(decoding: reply.rawBytes ?? [], as: UTF8.self)
  }
}
