internal import CSystemd

/// A message of D-Bus: a call being written, or an answer or signal being read from its beginning.
///
/// Calls are written without looking at each step: what sd-bus finds wrong (a name that is no valid text, no memory) is
/// kept and thrown by `BusConnection.call`.
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
