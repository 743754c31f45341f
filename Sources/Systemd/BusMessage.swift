internal import CSystemd

/// A message of D-Bus: a call being written, or an answer or signal being read from its beginning.
///
/// Writing a call does not check each step: the first error of sd-bus (invalid text, no memory) is kept and thrown by
/// `BusConnection.call`.
final class BusMessage {
  let handle: OpaquePointer
  /// What is asked and of what, for errors.
  let operation: String
  let subject: String
  /// The first error met while writing, as a negative `errno`.
  private(set) var writeResult: Int32 = 0

  /// Takes over the reference.
  init(adopting handle: OpaquePointer, operation: String, subject: String) {
    self.handle = handle
    self.operation = operation
    self.subject = subject
  }

  deinit { sd_bus_message_unref(handle) }

  var malformed: SystemdError { .malformedReply(operation: operation, subject: subject) }

  private func note(_ result: Int32) {
    if writeResult >= 0, result < 0 { writeResult = result }
  }
}

// Writing.
extension BusMessage {
  func append(_ text: String) {
    note(text.withCString { sd_bus_message_append_basic(handle, BusType.string, $0) })
  }

  func append(_ flag: Bool) {
    var value: Int32 = flag ? 1 : 0
    note(sd_bus_message_append_basic(handle, BusType.bool, &value))
  }

  func append(_ number: Int32) {
    var value = number
    note(sd_bus_message_append_basic(handle, BusType.int32, &value))
  }

  func append(_ number: UInt32) {
    var value = number
    note(sd_bus_message_append_basic(handle, BusType.uint32, &value))
  }

  func append(_ number: UInt64) {
    var value = number
    note(sd_bus_message_append_basic(handle, BusType.uint64, &value))
  }

  func append(_ texts: [String]) {
    container(BusType.array, "s") { texts.forEach(append) }
  }

  /// Writes a container of these contents (a signature) around what `body` writes.
  func container(_ type: CChar, _ contents: String, _ body: () -> Void) {
    note(sd_bus_message_open_container(handle, type, contents))
    body()
    note(sd_bus_message_close_container(handle))
  }
}

extension BusMessage {
  /// The next value, whatever its type.
  func value() throws(SystemdError) -> BusValue {
    var type: CChar = 0
    var contents: UnsafePointer<CChar>?
    guard sd_bus_message_peek_type(handle, &type, &contents) > 0 else { throw malformed }
    switch type {
    case BusType.string, BusType.objectPath, BusType.signature: return .string(try text(type))
    case BusType.bool: return .bool(try basic(type, Int32(0)) != 0)
    case BusType.byte: return .unsigned(UInt64(try basic(type, UInt8(0))))
    case BusType.int16: return .signed(Int64(try basic(type, Int16(0))))
    case BusType.uint16: return .unsigned(UInt64(try basic(type, UInt16(0))))
    case BusType.int32: return .signed(Int64(try basic(type, Int32(0))))
    case BusType.uint32: return .unsigned(UInt64(try basic(type, UInt32(0))))
    case BusType.int64: return .signed(try basic(type, Int64(0)))
    case BusType.uint64: return .unsigned(try basic(type, UInt64(0)))
    case BusType.double: return .double(try basic(type, Double(0)))
    case BusType.array: return .array(try elements(type, contents))
    case BusType.structure, BusType.dictionaryEntry: return .structure(try elements(type, contents))
    case BusType.variant:
      guard let value = try elements(type, contents).first else { throw malformed }
      return value
    default: throw malformed
    }
  }

  /// The next value, which must be text or a path.
  func string() throws(SystemdError) -> String {
    guard let text = try value().string else { throw malformed }
    return text
  }

  /// The properties (`a{sv}`) with these names; all others are skipped.
  func properties(_ wanted: Set<String>) throws(SystemdError) -> [String: BusValue] {
    var values: [String: BusValue] = [:]
    try enter(BusType.array, "{sv}")
    while sd_bus_message_at_end(handle, 0) == 0 {
      try enter(BusType.dictionaryEntry, "sv")
      let name = try text(BusType.string)
      if wanted.contains(name) {
        values[name] = try value()
      } else if sd_bus_message_skip(handle, "v") < 0 {
        throw malformed
      }
      try exit()
    }
    try exit()
    return values
  }

  private func elements(_ type: CChar, _ contents: UnsafePointer<CChar>?) throws(SystemdError) -> [BusValue] {
    var elements: [BusValue] = []
    try enter(type, contents)
    while sd_bus_message_at_end(handle, 0) == 0 {
      elements.append(try value())
    }
    try exit()
    return elements
  }

  private func enter(_ type: CChar, _ contents: UnsafePointer<CChar>?) throws(SystemdError) {
    guard sd_bus_message_enter_container(handle, type, contents) > 0 else { throw malformed }
  }

  private func exit() throws(SystemdError) {
    guard sd_bus_message_exit_container(handle) >= 0 else { throw malformed }
  }

  private func basic<Value: BitwiseCopyable>(_ type: CChar, _ initial: Value) throws(SystemdError) -> Value {
    var value = initial
    guard sd_bus_message_read_basic(handle, type, &value) > 0 else { throw malformed }
    return value
  }

  private func text(_ type: CChar) throws(SystemdError) -> String {
    var text: UnsafePointer<CChar>?
    guard sd_bus_message_read_basic(handle, type, &text) > 0, let text else { throw malformed }
    return String(cString: text)
  }
}
