internal import CSystemd

/// Calls that are sent before the answers to those before them have come: each way there and back costs two changes of
/// process, which on a busy machine takes longer than the answer.
extension BusConnection {
  /// So many calls are under way at once; the bus itself allows more (dbus-daemon(1), `max_replies_per_connection`).
  private static let mostUnderWay = 64

  /// Sends the calls and waits for their answers, which are in the order of the calls. A call that was refused has its
  /// error there; one that could not be sent, or a connection that broke, is thrown.
  func call(
    _ messages: [BusMessage], timeout limit: Duration? = nil
  ) throws(SystemdError) -> [Result<BusMessage, SystemdError>] {
    var answers: [Result<BusMessage, SystemdError>] = []
    for start in stride(from: 0, to: messages.count, by: Self.mostUnderWay) {
      let pending = messages.dropFirst(start).prefix(Self.mostUnderWay).map(PendingCall.init)
      for call in pending { try call.send(on: self, within: limit ?? timeout) }
      for call in pending {
        while call.answer == nil {
          guard isOpen else { throw .disconnected(operation: call.message.operation) }
          try process()
          // sd-bus answers a call for which the time is up with an error of its own.
          if call.answer == nil { try wait(until: .now + .seconds(1)) }
        }
        // One that ends has sd-bus answer what is under way with errors of its own.
        if case .failure = call.answer, !isOpen { throw .disconnected(operation: call.message.operation) }
        if let answer = call.answer { answers.append(answer) }
      }
    }
    return answers
  }
}

/// A call that was sent; sd-bus forgets it with this object.
private final class PendingCall {
  let message: BusMessage
  private(set) var answer: Result<BusMessage, SystemdError>?
  private var slot: OpaquePointer?

  init(_ message: BusMessage) { self.message = message }

  deinit { sd_bus_slot_unref(slot) }

  func send(on bus: BusConnection, within limit: Duration) throws(SystemdError) {
    let (operation, subject) = (message.operation, message.subject)
    guard message.writeResult >= 0 else {
      throw BusConnection.error(-message.writeResult, operation: operation, subject: subject)
    }
    let result = sd_bus_call_async(
      bus.handle, &slot, message.handle,
      { reply, context, _ in
        if let reply, let context { Unmanaged<PendingCall>.fromOpaque(context).takeUnretainedValue().ended(reply) }
        return 0
      }, Unmanaged.passUnretained(self).toOpaque(), limit.busMicroseconds)
    guard result >= 0 else { throw BusConnection.error(-result, operation: operation, subject: subject) }
  }

  private func ended(_ reply: OpaquePointer) {
    let (operation, subject) = (message.operation, message.subject)
    guard let failure = sd_bus_message_get_error(reply), let name = failure.pointee.name else {
      answer = .success(BusMessage(adopting: sd_bus_message_ref(reply), operation: operation, subject: subject))
      return
    }
    answer = .failure(
      SystemdError.named(
        String(cString: name), message: failure.pointee.message.map { String(cString: $0) } ?? "no reason given",
        operation: operation, subject: subject))
  }
}
